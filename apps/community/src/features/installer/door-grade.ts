import { type Grade, weakestGrade } from "@menshen/domain";
import type { DoorGrade, GateWiring, GradeLimit } from "@menshen/wire";

/** A reader at a door, and how it talks to its gate. */
export interface ReaderAtDoor {
  readonly readerId: string;
  readonly kind: "osdp" | "pcsc" | "kiosk" | "io" | "desk";
  /** OSDP under a secure channel with the reader's own key; nothing else is served on a line. */
  readonly hasOwnKey: boolean;
}

/**
 * The best grade that openings of a door can have, and what keeps it there, worst first; the rules are the gate's
 * (apps/gate/src/tap/opening-grade.ts). A reader without a key of its own opens nothing, so it does not lower what the
 * others open; without any that is served there is no grade.
 */
export function doorGrade(
  portalId: string,
  readers: readonly ReaderAtDoor[],
  wiring: GateWiring,
  gateHasTpm: boolean,
): DoorGrade {
  const limits: { code: GradeLimit; allows?: Grade }[] = [];
  const served = readers.filter(({ kind, hasOwnKey }) => kind !== "osdp" || hasOwnKey);
  if (served.length < readers.length) limits.push({ code: "reader-not-served" });
  const lock = wiring.portals.find((portal) => portal.portalId === portalId)?.lock;
  const units = lock === undefined ? [] : "units" in lock ? lock.units : [lock];
  if (units.some((unit) => readers.some(({ readerId }) => readerId === unit.readerId))) {
    limits.push({ code: "lock-on-reader", allows: "D" });
  }
  if (served.some(({ kind }) => kind === "pcsc")) limits.push({ code: "reader-plugged-in", allows: "B" });
  if (!gateHasTpm) limits.push({ code: "gate-without-tpm", allows: "B" });
  if (served.length === 0) return { limits };
  return { best: weakestGrade("A", ...limits.flatMap(({ allows }) => allows ?? [])), limits };
}
