import type { GateId, Instant } from "@menshen/domain";
import type { Logger } from "@menshen/service-kit";
import type { Pool } from "pg";
import { markOnline, readOnlineGates, writeLastSeen } from "./gate-store.ts";

/** Gates send something every 20 s. */
export const OFFLINE_AFTER_MS = 45_000;
/** A gate that comes back this soon was never shown as gone. */
const RECONNECT_GRACE_MS = 3_000;
const SEEN_FLUSH_MS = 5_000;

/** Who is online, in memory and in the database. */
export interface Presence {
  /** Begins with what the database says: gates that do not come back in time go offline. */
  readonly start: () => Promise<void>;
  /** A message came. */
  readonly seen: (gateId: GateId) => void;
  /** Its connection ended. */
  readonly left: (gateId: GateId) => void;
  /** It will not come back. */
  readonly forget: (gateId: GateId) => void;
  /** Once a second: marks the silent as offline, answers with them, and writes what was seen. */
  readonly tick: () => Promise<readonly GateId[]>;
}

export function makePresence(dependencies: {
  readonly pool: Pool;
  readonly clock: { readonly now: () => Instant };
  readonly monotonicMs: () => number;
  readonly logger: Logger;
  readonly offlineAfterMs: number;
  /** Told after `online` changed in the database. */
  readonly onChange: (gateId: GateId) => void;
}): Presence {
  const { pool, clock, monotonicMs, logger, offlineAfterMs, onChange } = dependencies;
  /** When a gate is silent for too long, by the monotonic clock; gates that are online only. */
  const deadlines = new Map<GateId, number>();
  const seenAt = new Map<GateId, Instant>();
  let flushedMs = monotonicMs();

  async function change(gateId: GateId, online: boolean): Promise<void> {
    if (!(await markOnline(pool, gateId, online, clock.now()))) return;
    logger.info({ gateId, event: online ? "online" : "offline" }, "gate link changed");
    onChange(gateId);
  }

  return {
    async start() {
      for (const gateId of await readOnlineGates(pool)) {
        deadlines.set(gateId, monotonicMs() + offlineAfterMs);
      }
    },

    seen(gateId) {
      const wasOnline = deadlines.has(gateId);
      deadlines.set(gateId, monotonicMs() + offlineAfterMs);
      seenAt.set(gateId, clock.now());
      if (wasOnline) return;
      change(gateId, true).catch((error: unknown) => {
        // The next message tries again.
        deadlines.delete(gateId);
        logger.warn({ gateId, error }, "cannot mark a gate online");
      });
    },

    left(gateId) {
      const deadline = deadlines.get(gateId);
      if (deadline !== undefined) {
        deadlines.set(gateId, Math.min(deadline, monotonicMs() + RECONNECT_GRACE_MS));
      }
    },

    forget(gateId) {
      deadlines.delete(gateId);
      seenAt.delete(gateId);
    },

    async tick() {
      const now = monotonicMs();
      const silent = [...deadlines].filter(([, deadline]) => deadline <= now).map(([gateId]) => gateId);
      for (const gateId of silent) {
        await change(gateId, false);
        // Only now, so that a database that was away gets it at the next tick. A message meanwhile moved the deadline.
        if ((deadlines.get(gateId) ?? 0) <= now) deadlines.delete(gateId);
        else await change(gateId, true);
      }
      if (now - flushedMs >= SEEN_FLUSH_MS && seenAt.size > 0) {
        const fresh = new Map(seenAt);
        await writeLastSeen(pool, fresh);
        for (const [gateId, at] of fresh) if (seenAt.get(gateId) === at) seenAt.delete(gateId);
        flushedMs = now;
      }
      return silent;
    },
  };
}
