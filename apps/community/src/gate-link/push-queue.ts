import type { GateId } from "@menshen/domain";

/**
 * Runs work per gate: one at a time for a gate, and calls that come while one waits share the next run. A run that
 * fails fails its callers only.
 */
export function makePushQueue(run: (gateId: GateId) => Promise<void>): (gateId: GateId) => Promise<void> {
  const running = new Map<GateId, Promise<void>>();
  const waiting = new Map<GateId, Promise<void>>();

  function start(gateId: GateId): Promise<void> {
    const work = run(gateId).finally(() => running.delete(gateId));
    running.set(gateId, work);
    return work;
  }

  return (gateId) => {
    const next = waiting.get(gateId);
    if (next !== undefined) return next;
    const before = running.get(gateId);
    if (before === undefined) return start(gateId);
    const after = before
      .catch(() => {})
      .then(() => {
        waiting.delete(gateId);
        return start(gateId);
      });
    waiting.set(gateId, after);
    return after;
  };
}
