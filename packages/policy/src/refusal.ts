import {
  CREDENTIAL_KINDS,
  type Decision,
  type DoorState,
  GRADES,
  Instant,
  type Presentation,
  type Reason,
  type TimeInterval,
} from "@menshen/domain";
import { GRANT_FLAGS } from "./document.ts";
import { capOf, firstGrant, holds, passingLevel } from "./grant-tables.ts";
import type { Snapshot } from "./snapshot.ts";
import { opensAfter, scheduleState } from "./time-tables.ts";

/** One presentation of a credential on record, with the indexes that stand for it in the snapshot. */
export interface Tap {
  readonly snapshot: Snapshot;
  readonly presentation: Presentation;
  /** Index of the presented kind, rank of the presented grade. */
  readonly kind: number;
  readonly grade: number;
  readonly accessPoint: number;
  readonly row: number;
  readonly now: TimeInterval;
}

/**
 * Collects every reason why a presentation is refused, deciding one first. Runs only after the fast path found no
 * grant, but people without rights decide how often: it is written to be quick as well.
 */
export function refuse(tap: Tap, doorState: DoorState): Decision {
  const reasons: Reason[] = [];
  const attempts = attemptsAt(tap);
  const isLockedOut =
    doorState.lockdown > 0 && attempts.every((attempt) => attempt.level < doorState.lockdown);
  addDoorReasons(reasons, doorState, isLockedOut);
  addCredentialReasons(reasons, tap);
  addRuleReasons(
    reasons,
    isLockedOut || doorState.lockdown === 0
      ? attempts
      : attempts.filter((attempt) => attempt.level >= doorState.lockdown),
  );
  // A fault of this file would be the only way to come here without a reason; the door still owes one.
  if (reasons.length === 0) reasons.push({ code: "evaluation-failed" });
  return { granted: false, reasons };
}

/** Refuses what the gate knows nothing about. */
export function refuseBlindly(
  code: "no-snapshot" | "access-point-unknown" | "credential-unknown",
  doorState: DoorState,
): Decision {
  const reasons: Reason[] = [];
  addDoorReasons(reasons, doorState, doorState.lockdown > 0);
  reasons.push({ code });
  return { granted: false, reasons };
}

function addDoorReasons(reasons: Reason[], doorState: DoorState, isLockedOut: boolean): void {
  if (isLockedOut) reasons.push({ code: "lockdown", level: doorState.lockdown });
  if (doorState.mode === "locked") reasons.push({ code: "portal-locked" });
}

function addCredentialReasons(reasons: Reason[], { snapshot, presentation, row, now }: Tap): void {
  const { traits, dates } = snapshot.tables;
  const bits = traits[row] ?? 0;
  const enrolled = CREDENTIAL_KINDS[bits & 15];
  const enrolledGrade = GRADES[(bits >> 4) & 7];
  const from = dates[row * 4] ?? 0;
  const until = dates[row * 4 + 1] ?? 0;
  if (bits >> 7 !== 0) reasons.push({ code: "credential-blocked" });
  switch (spanState(from, until, snapshot, now)) {
    case "not-yet":
      reasons.push({ code: "credential-not-yet-valid", from: Instant(from) });
      break;
    case "over":
      reasons.push({ code: "credential-expired", until: Instant(until) });
      break;
    case "unclear":
      reasons.push(uncertain(snapshot, now));
      break;
    case "holds":
  }
  if (enrolled !== undefined && enrolled !== presentation.kind) {
    reasons.push({ code: "credential-kind-mismatch", enrolled, presented: presentation.kind });
  }
  if (presentation.evidence.downgraded === true && enrolledGrade !== undefined) {
    reasons.push({ code: "credential-downgraded", enrolled: enrolledGrade, presented: presentation.grade });
  }
}

type SpanState = "holds" | "unclear" | "not-yet" | "over";

function spanState(from: number, until: number, snapshot: Snapshot, now: TimeInterval): SpanState {
  const isClockBehind = now.earliest < snapshot.from;
  if (holds(from, until, now, isClockBehind)) return "holds";
  if (isClockBehind) return "unclear";
  if (now.latest < from) return "not-yet";
  return now.earliest >= until ? "over" : "unclear";
}

function uncertain(snapshot: Snapshot, now: TimeInterval): Reason {
  const spreadMs = Math.max(now.latest - now.earliest, snapshot.from - now.earliest);
  return { code: "time-uncertain", spreadMs };
}

/** How one grant fared at this access point. */
interface Attempt {
  readonly rule: number;
  /** Highest lockdown level at which it passes. */
  readonly level: number;
  readonly validity: SpanState;
  readonly from: number;
  readonly until: number;
  /** Checks passed before the first that failed, of four: validity, schedule, means, grade. */
  readonly passedChecks: number;
  readonly reasons: readonly Reason[];
}

/** Attempts by all grants at the access point, rising by rule. */
function attemptsAt(tap: Tap): readonly Attempt[] {
  const { tables } = tap.snapshot;
  const profile = tables.profile[tap.row] ?? 0;
  const end = tables.profileStart[profile + 1] ?? 0;
  const attempts: Attempt[] = [];
  for (let grant = firstGrant(tables, profile, tap.accessPoint); grant < end; grant++) {
    if (tables.grantAccessPoint[grant] !== tap.accessPoint) break;
    attempts.push(attempt(tap, grant));
  }
  return attempts;
}

function attempt(tap: Tap, grant: number): Attempt {
  const { snapshot, now } = tap;
  const { tables } = snapshot;
  const flags = tables.grantFlags[grant] ?? 0;
  const ruleIndex = tables.grantRule[grant] ?? 0;
  const rule = tables.ruleNumber[ruleIndex] ?? 0;
  const isOnRow = (flags & GRANT_FLAGS.residencyDates) !== 0;
  const from = Math.max(
    tables.ruleFrom[ruleIndex] ?? 0,
    tables.grantFrom[grant] ?? 0,
    isOnRow ? (tables.dates[tap.row * 4 + 2] ?? 0) : Number.NEGATIVE_INFINITY,
  );
  const until = Math.min(
    tables.ruleUntil[ruleIndex] ?? 0,
    tables.grantUntil[grant] ?? 0,
    isOnRow ? (tables.dates[tap.row * 4 + 3] ?? 0) : Number.POSITIVE_INFINITY,
  );
  const validity = spanState(from, until, snapshot, now);
  const reasons: Reason[] = [];
  let passedChecks = 0;
  addValidityReason(reasons, validity, from, until, rule, snapshot, now);
  if (reasons.length === 0) passedChecks = 1;
  addScheduleReason(reasons, snapshot, ruleIndex, rule, now);
  if (reasons.length === 0) passedChecks = 2;
  addMeansReason(reasons, tap, ruleIndex, rule);
  if (reasons.length === 0) passedChecks = 3;
  addGradeReason(reasons, tap, ruleIndex, rule, (flags & GRANT_FLAGS.capsWaived) !== 0);
  if (reasons.length === 0) passedChecks = 4;
  return {
    rule,
    level: passingLevel(tables, ruleIndex, flags),
    validity,
    from,
    until,
    passedChecks,
    reasons,
  };
}

function addValidityReason(
  reasons: Reason[],
  validity: SpanState,
  from: number,
  until: number,
  rule: number,
  snapshot: Snapshot,
  now: TimeInterval,
): void {
  switch (validity) {
    case "holds":
      return;
    case "unclear":
      reasons.push(uncertain(snapshot, now));
      return;
    case "not-yet":
      reasons.push({ code: "rule-not-yet-valid", from: Instant(from), rule });
      return;
    case "over":
      reasons.push({ code: "rule-expired", until: Instant(until), rule });
  }
}

function addScheduleReason(
  reasons: Reason[],
  snapshot: Snapshot,
  ruleIndex: number,
  rule: number,
  now: TimeInterval,
): void {
  const schedule = snapshot.tables.ruleSchedule[ruleIndex] ?? -1;
  if (schedule < 0) return;
  switch (scheduleState(snapshot, schedule, now)) {
    case "open":
      return;
    case "unclear":
      reasons.push(uncertain(snapshot, now));
      return;
    case "outlived":
      reasons.push({ code: "snapshot-outlived", until: snapshot.until });
      return;
    case "closed": {
      const nextOpening = opensAfter(snapshot, schedule, now.latest);
      reasons.push(
        nextOpening === undefined
          ? { code: "outside-schedule", rule }
          : { code: "outside-schedule", nextOpening, rule },
      );
    }
  }
}

function addMeansReason(reasons: Reason[], tap: Tap, ruleIndex: number, rule: number): void {
  const means = tap.snapshot.tables.ruleMeans[ruleIndex] ?? 0;
  if (((means >> tap.kind) & 1) === 1) return;
  reasons.push({ code: "means-not-allowed", kind: tap.presentation.kind, rule });
}

function addGradeReason(
  reasons: Reason[],
  tap: Tap,
  ruleIndex: number,
  rule: number,
  capsWaived: boolean,
): void {
  const { tables } = tap.snapshot;
  const rank = Math.max(
    ((tables.traits[tap.row] ?? 0) >> 4) & 7,
    tap.grade,
    capsWaived ? -1 : capOf(tables, tap.kind, tap.now.latest),
  );
  const least = Math.min(tables.ruleGrade[ruleIndex] ?? 0, tables.accessPointGrade[tap.accessPoint] ?? 0);
  const [grade, minimum] = [GRADES[rank], GRADES[least]];
  if (rank <= least || grade === undefined || minimum === undefined) return;
  reasons.push({ code: "grade-too-low", grade, minimum, rule });
}

/**
 * Adds the reasons of all rules, the one that came nearest first; of several ways through one rule only the nearest
 * speaks. No rule is to blame if one of them would have opened.
 */
function addRuleReasons(reasons: Reason[], attempts: readonly Attempt[]): void {
  if (attempts.length === 0) {
    reasons.push({ code: "no-rule-for-access-point" });
    return;
  }
  const nearest: Attempt[] = [];
  for (const attempt of attempts) {
    if (attempt.reasons.length === 0) return;
    const last = nearest.at(-1);
    if (last === undefined || last.rule !== attempt.rule) nearest.push(attempt);
    else if (compareDates(attempt, last) < 0) nearest[nearest.length - 1] = attempt;
  }
  if (nearest.length > 1) nearest.sort(compareAttempts);
  for (const attempt of nearest) for (const reason of attempt.reasons) addOnce(reasons, reason);
}

function compareAttempts(a: Attempt, b: Attempt): number {
  return b.passedChecks - a.passedChecks || a.reasons.length - b.reasons.length || a.rule - b.rule;
}

const SPAN_ORDER: Readonly<Record<SpanState, number>> = { holds: 0, unclear: 1, "not-yet": 2, over: 3 };

/** Ways through one rule differ by their dates only: in force, in doubt, soonest to begin, last to end. */
function compareDates(a: Attempt, b: Attempt): number {
  if (a.validity !== b.validity) return SPAN_ORDER[a.validity] - SPAN_ORDER[b.validity];
  if (a.validity === "not-yet") return a.from - b.from;
  return a.validity === "over" ? b.until - a.until : 0;
}

/** The reasons that name no rule are the same whoever gives them. */
function addOnce(reasons: Reason[], reason: Reason): void {
  const isShared = reason.code === "time-uncertain" || reason.code === "snapshot-outlived";
  if (isShared && reasons.some(({ code }) => code === reason.code)) return;
  reasons.push(reason);
}
