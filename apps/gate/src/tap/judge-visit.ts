import {
  CredentialKey,
  type Decision,
  type DoorState,
  type Grade,
  meetsGrade,
  type TimeInterval,
} from "@menshen/domain";
import type { Snapshot } from "@menshen/policy";
import type { LiftFloor } from "../door/lift.ts";
import { decideTap } from "./decide-tap.ts";
import type { FreedFloor } from "./lift-floors.ts";
import type { Admission, PassReading } from "./pass-desk.ts";
import type { ReaderPlace } from "./reader-place.ts";
import { pinUseAt } from "./second-factor.ts";

export interface JudgedVisit {
  readonly decision: Decision;
  /** Of the opening. */
  readonly grade: Grade;
  readonly identity?: CredentialKey;
}

interface VisitedDoor {
  readonly snapshot: Snapshot | undefined;
  readonly place: ReaderPlace;
  readonly doorState: DoorState;
  readonly now: TimeInterval;
}

/**
 * The answer to a visitor's pass or a token. The door itself comes first: locked, in a lockdown, of a higher grade, or
 * without a snapshot it opens to no pass, and what stands open asks for none, so that none is used up.
 *
 * @param nobody 16 fresh random bytes: a credential that nobody has, to ask the door by
 */
export async function judgeVisit(
  visit: Extract<PassReading, { outcome: "visit" }>,
  door: VisitedDoor,
  nobody: Uint8Array,
): Promise<JudgedVisit> {
  const { decision, grade } = askDoor(visit, door, nobody);
  return decision === undefined ? { grade, ...decisionOf(await visit.admit()) } : { decision, grade };
}

/**
 * The same in a lift: the pass frees the floors that whoever signed it may go to, as far as the lift's own state
 * leaves them.
 */
export async function judgeVisitInLift(
  visit: Extract<PassReading, { outcome: "visit" }>,
  door: VisitedDoor & { readonly floors: readonly LiftFloor[] },
  nobody: Uint8Array,
): Promise<JudgedVisit & { readonly freed: readonly FreedFloor[] }> {
  const asked = door.floors.map((floor) => ({
    floor,
    answer: askDoor(visit, { ...door, place: { ...door.place, accessPointId: floor.accessPointId } }, nobody),
  }));
  const left = asked.filter(({ answer }) => answer.decision === undefined);
  const [first] = asked;
  if (first === undefined || left.length === 0) {
    const decision = first?.answer.decision ?? {
      granted: false,
      reasons: [{ code: "access-point-unknown" }],
    };
    return { decision, grade: first?.answer.grade ?? visit.grade, freed: [] };
  }
  const admission = await visit.admit(left.map(({ floor }) => floor.accessPointId));
  const judged = decisionOf(admission);
  const freed = left
    .filter(
      ({ floor }) => judged.decision.granted && admission.floors?.includes(floor.accessPointId) === true,
    )
    .map(({ floor }) => ({ floor, decision: judged.decision }));
  return { grade: first.answer.grade, ...judged, freed };
}

/** What a door says to any visitor, before their pass is looked at; nothing where it leaves it to the pass. */
function askDoor(
  visit: { readonly grade: Grade },
  door: VisitedDoor,
  nobody: Uint8Array,
): { readonly decision?: Decision; readonly grade: Grade } {
  const stranger = {
    credentialKey: CredentialKey(nobody),
    kind: "pass",
    grade: visit.grade,
    evidence: {},
  } as const;
  const { decision, presentation } = decideTap({ ...door, candidates: [stranger] });
  const { grade } = presentation;
  if (decision.granted) return { decision, grade };
  const ofDoor = decision.reasons.filter(({ code }) => code !== "credential-unknown");
  if (ofDoor.length > 0) return { decision: { granted: false, reasons: ofDoor }, grade };
  // No PIN belongs to a visitor.
  if (pinUseAt(door.snapshot, door.place.accessPointId) === "both") {
    return {
      decision: { granted: false, reasons: [{ code: "second-factor-needed", missing: "visitor" }] },
      grade,
    };
  }
  const minimum = door.snapshot?.accessPoints.find(({ id }) => id === door.place.accessPointId)?.minimumGrade;
  if (minimum === undefined || !meetsGrade(grade, minimum)) {
    const reason = { code: "grade-too-low", grade, ...(minimum === undefined ? {} : { minimum }) } as const;
    return { decision: { granted: false, reasons: [reason] }, grade };
  }
  return { grade };
}

/** The decision that an admission stands for, and whose it is. */
export function decisionOf({ reason, identity }: Admission): Omit<JudgedVisit, "grade"> {
  const decision: Decision = { granted: reason.code === "pass-allows", reasons: [reason] };
  return { decision, ...(identity === undefined ? {} : { identity }) };
}
