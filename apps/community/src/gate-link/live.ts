import type { Logger } from "@menshen/service-kit";
import type { LiveListener, LiveMessage } from "./types.ts";

/** Tells committed facts to whoever listens in this process. */
export interface LiveFeed {
  readonly onLive: (listener: LiveListener) => () => void;
  readonly hasListeners: () => boolean;
  readonly emit: (message: LiveMessage) => void;
}

export function makeLiveFeed(logger: Logger): LiveFeed {
  const listeners = new Set<LiveListener>();
  return {
    onLive(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    hasListeners: () => listeners.size > 0,
    emit(message) {
      for (const listener of listeners) {
        try {
          listener(message);
        } catch (error) {
          // One view that fails must not keep the others, or an acknowledgement, from their facts.
          logger.error({ error }, "a live listener failed");
        }
      }
    },
  };
}
