import type { AccessPointId, Decision, DoorState, Presentation, TimeInterval } from "@menshen/domain";
import { decide, knowsCredential, type Snapshot } from "@menshen/policy";
import { openingGrade } from "./opening-grade.ts";

/** What a tap may stand for, in the order it is tried; mostly one. */
export type Candidates = readonly [Presentation, ...Presentation[]];

export interface DecidedTap {
  /** With the grade of the opening, not of the card alone. */
  readonly presentation: Presentation;
  readonly decision: Decision;
}

/** What holds at the door of a place; at one whose portal this gate lacks, nothing out of the ordinary. */
export function doorStateAt(place: { readonly portal: { doorState(): DoorState } | undefined }): DoorState {
  return place.portal?.doorState() ?? { mode: "normal", lockdown: 0, fireRelease: false };
}

/**
 * The answer to one tap: the first candidate that the snapshot knows, graded as this opening deserves. Of a number that
 * nobody knows, the last candidate says what the reader really sent. Pure.
 */
export function decideTap(tap: {
  readonly snapshot: Snapshot | undefined;
  readonly place: {
    readonly accessPointId: AccessPointId;
    readonly lockOnOutdoorReader: boolean;
  };
  readonly candidates: Candidates;
  readonly doorState: DoorState;
  readonly now: TimeInterval;
  /** Another credential of the same person, presented here shortly before. */
  readonly companion?: Presentation | undefined;
}): DecidedTap {
  const { snapshot, place, candidates, doorState, now, companion } = tap;
  const known = candidates.find(
    ({ credentialKey }) => snapshot !== undefined && knowsCredential(snapshot, credentialKey),
  );
  const candidate = known ?? candidates.at(-1) ?? candidates[0];
  const grade = openingGrade(candidate.grade, place.lockOnOutdoorReader);
  const presentation = { ...candidate, grade };
  return {
    presentation,
    decision: decide(snapshot, presentation, place.accessPointId, doorState, now, companion),
  };
}
