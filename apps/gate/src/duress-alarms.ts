import type { ReaderId } from "@menshen/domain";
import type { Cancel, ClockSource } from "./clock/clock-source.ts";

/**
 * Who was forced to open calls for help here. Kept apart from what is wrong with a gate: nothing of it is journaled, logged,
 * or shown at the gate, so that nobody at the door, and nobody who reads a trail later, can tell.
 */
export interface DuressAlarms {
  /** A duress PIN was entered, whatever the door did. */
  raise(readerId: ReaderId): void;
  /** Where it was entered lately; for the guards alone. */
  list(): readonly ReaderId[];
  stop(): void;
}

/** So long guards see it; longer while no server hears the gate. */
const STANDS_MS = 30 * 60_000;

/**
 * @param options.changed the server is to hear of it now
 * @param options.call calls the guards by a wire of this site, where it has one: the way that needs no server
 */
export function makeDuressAlarms(options: {
  readonly source: Pick<ClockSource, "schedule" | "monotonicMs">;
  readonly changed: () => void;
  readonly isConnected: () => boolean;
  readonly call?: (() => void) | undefined;
}): DuressAlarms {
  const { source } = options;
  const standing = new Map<ReaderId, Cancel>();

  function endLater(readerId: ReaderId): void {
    standing.get(readerId)?.();
    const cancel = source.schedule(source.monotonicMs() + STANDS_MS, () => {
      // Nobody heard of it yet, perhaps.
      if (!options.isConnected()) return endLater(readerId);
      standing.delete(readerId);
      options.changed();
    });
    standing.set(readerId, cancel);
  }

  return {
    raise(readerId) {
      endLater(readerId);
      options.changed();
      options.call?.();
    },
    list: () => [...standing.keys()],
    stop() {
      for (const cancel of standing.values()) cancel();
      standing.clear();
    },
  };
}
