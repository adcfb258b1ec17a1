import type { GateId } from "@menshen/domain";
import type { Logger } from "@menshen/service-kit";
import type { GateLink } from "./gate-link/index.ts";

/** Revocations in a row go out by themselves before a gate's whole documents are made anew. */
const SETTLE_MS = 500;

/** Sends gates what they should have, in the background: faults are logged, and the gates stay marked. */
export interface GatePushes {
  /** To one gate, or to all. */
  readonly push: (gateId?: GateId) => void;
  /** To one gate, before long. */
  readonly settle: (gateId: GateId) => void;
  /** Forgets those that are due. */
  readonly cancel: () => void;
  /** Resolves once those under way have ended. */
  readonly ended: () => Promise<void>;
}

/** @param gateLink `undefined` as long as there is none, whose start brings all gates up to date */
export function makeGatePushes(gateLink: () => GateLink | undefined, logger: Logger): GatePushes {
  const pushing = new Set<Promise<void>>();
  const settling = new Map<GateId, NodeJS.Timeout>();

  function push(gateId?: GateId): void {
    const work = (gateLink()?.pushDesired(gateId) ?? Promise.resolve()).catch((error: unknown) =>
      logger.error(
        { error, ...(gateId === undefined ? {} : { gateId }) },
        "gates could not be brought up to date",
      ),
    );
    pushing.add(work);
    void work.then(() => pushing.delete(work));
  }

  return {
    push,
    settle(gateId) {
      if (settling.has(gateId)) return;
      const whole = () => {
        settling.delete(gateId);
        push(gateId);
      };
      settling.set(gateId, setTimeout(whole, SETTLE_MS));
    },
    cancel() {
      for (const timer of settling.values()) clearTimeout(timer);
      settling.clear();
    },
    async ended() {
      await Promise.all(pushing);
    },
  };
}
