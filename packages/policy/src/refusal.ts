import {
  CREDENTIAL_KINDS,
  type CredentialKind,
  type Decision,
  type DoorState,
  GRADES,
  Instant,
  type Presentation,
  type Reason,
  type TimeInterval,
} from "@menshen/domain";
import { GRANT_FLAGS, STATUSES } from "./document.ts";
import { capOf, firstGrant, holds, passingLevel } from "./grant-tables.ts";
import { findRow, type Snapshot } from "./snapshot.ts";
import { opensAfter, scheduleState } from "./time-tables.ts";

/**
 * Collects every reason why a presentation is refused, deciding one first. Runs only after the fast path found no
 * grant. `accessPoint` undefined: the gate does not know it.
 */
export function refuse(
  snapshot: Snapshot | undefined,
  presentation: Presentation,
  accessPoint: number | undefined,
  doorState: DoorState,
  now: TimeInterval,
): Decision {
  const reasons: Reason[] = [];
  if (snapshot === undefined) reasons.push(...doorReasons(doorState, true), { code: "no-snapshot" });
  else if (accessPoint === undefined) {
    reasons.push(...doorReasons(doorState, true), { code: "access-point-unknown" });
  } else {
    const row = findRow(snapshot.tables, presentation.credentialKey);
    const attempts = row < 0 ? [] : attemptsAt({ snapshot, presentation, accessPoint, row, now });
    const passing = attempts.filter((attempt) => attempt.level >= doorState.lockdown);
    reasons.push(...doorReasons(doorState, passing.length === 0));
    if (row < 0) reasons.push({ code: "credential-unknown" });
    else {
      reasons.push(...credentialReasons(snapshot, presentation, row, now));
      reasons.push(...ruleReasons(passing.length === 0 ? attempts : passing));
    }
  }
  // A fault of this file would be the only way to come here without a reason; the door still owes one.
  if (reasons.length === 0) reasons.push({ code: "evaluation-failed" });
  return { granted: false, reasons: withoutRepeats(reasons) };
}

function doorReasons(doorState: DoorState, isLockedOut: boolean): readonly Reason[] {
  const reasons: Reason[] = [];
  if (doorState.lockdown > 0 && isLockedOut) reasons.push({ code: "lockdown", level: doorState.lockdown });
  if (doorState.mode === "locked") reasons.push({ code: "portal-locked" });
  return reasons;
}

function credentialReasons(
  snapshot: Snapshot,
  presentation: Presentation,
  row: number,
  now: TimeInterval,
): readonly Reason[] {
  const { traits, dates } = snapshot.tables;
  const bits = traits[row] ?? 0;
  const enrolled = CREDENTIAL_KINDS[bits & 15];
  const enrolledGrade = GRADES[(bits >> 4) & 7];
  const [from, until] = [dates[row * 4] ?? 0, dates[row * 4 + 1] ?? 0];
  const reasons: Reason[] = [];
  if (STATUSES[bits >> 7] !== "active") reasons.push({ code: "credential-blocked" });
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
  return reasons;
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
  /** Where it failed first: 0 validity, 1 schedule, 2 means, 3 grade, 4 nowhere. */
  readonly reached: number;
  readonly validity: SpanState;
  readonly from: number;
  readonly until: number;
  readonly reasons: readonly Reason[];
}

interface Tap {
  readonly snapshot: Snapshot;
  readonly presentation: Presentation;
  readonly accessPoint: number;
  readonly row: number;
  readonly now: TimeInterval;
}

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
  const { snapshot, now, presentation } = tap;
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
  const stages: readonly (readonly Reason[])[] = [
    validityReasons(validity, from, until, rule, snapshot, now),
    scheduleReasons(snapshot, ruleIndex, rule, now),
    meansReasons(tables.ruleMeans[ruleIndex] ?? 0, presentation.kind, rule),
    gradeReasons(tap, ruleIndex, rule, (flags & GRANT_FLAGS.capsWaived) !== 0),
  ];
  const failed = stages.findIndex((reasons) => reasons.length > 0);
  return {
    rule,
    level: passingLevel(tables, ruleIndex, flags),
    reached: failed < 0 ? stages.length : failed,
    validity,
    from,
    until,
    reasons: stages.flat(),
  };
}

function validityReasons(
  validity: SpanState,
  from: number,
  until: number,
  rule: number,
  snapshot: Snapshot,
  now: TimeInterval,
): readonly Reason[] {
  switch (validity) {
    case "holds":
      return [];
    case "unclear":
      return [uncertain(snapshot, now)];
    case "not-yet":
      return [{ code: "rule-not-yet-valid", from: Instant(from), rule }];
    case "over":
      return [{ code: "rule-expired", until: Instant(until), rule }];
  }
}

function scheduleReasons(
  snapshot: Snapshot,
  ruleIndex: number,
  rule: number,
  now: TimeInterval,
): readonly Reason[] {
  const schedule = snapshot.tables.ruleSchedule[ruleIndex] ?? -1;
  if (schedule < 0) return [];
  switch (scheduleState(snapshot, schedule, now)) {
    case "open":
      return [];
    case "unclear":
      return [uncertain(snapshot, now)];
    case "outlived":
      return [{ code: "snapshot-outlived", until: snapshot.until }];
    case "closed": {
      const nextOpening = opensAfter(snapshot, schedule, now.latest);
      return [{ code: "outside-schedule", ...(nextOpening === undefined ? {} : { nextOpening }), rule }];
    }
  }
}

function meansReasons(means: number, kind: CredentialKind, rule: number): readonly Reason[] {
  const isAllowed = ((means >> CREDENTIAL_KINDS.indexOf(kind)) & 1) === 1;
  return isAllowed ? [] : [{ code: "means-not-allowed", kind, rule }];
}

function gradeReasons(tap: Tap, ruleIndex: number, rule: number, capsWaived: boolean): readonly Reason[] {
  const { tables } = tap.snapshot;
  const kind = CREDENTIAL_KINDS.indexOf(tap.presentation.kind);
  const rank = Math.max(
    ((tables.traits[tap.row] ?? 0) >> 4) & 7,
    GRADES.indexOf(tap.presentation.grade),
    capsWaived ? -1 : capOf(tables, kind, tap.now.latest),
  );
  const least = Math.min(tables.ruleGrade[ruleIndex] ?? 0, tables.accessPointGrade[tap.accessPoint] ?? 0);
  const [grade, minimum] = [GRADES[rank], GRADES[least]];
  if (rank <= least || grade === undefined || minimum === undefined) return [];
  return [{ code: "grade-too-low", grade, minimum, rule }];
}

/**
 * Reasons of all rules, the one that came nearest first; of several ways through one rule only the nearest counts. No
 * rule is to blame if one of them would have opened.
 */
function ruleReasons(attempts: readonly Attempt[]): readonly Reason[] {
  if (attempts.length === 0) return [{ code: "no-rule-for-access-point" }];
  if (attempts.some((each) => each.reasons.length === 0)) return [];
  const nearest = [...Map.groupBy(attempts, (each) => each.rule).values()].flatMap((ways) =>
    ways.toSorted(byDates).slice(0, 1),
  );
  const sorted = nearest.toSorted(
    (a, b) => b.reached - a.reached || a.reasons.length - b.reasons.length || a.rule - b.rule,
  );
  return sorted.flatMap((each) => each.reasons);
}

const SPAN_ORDER: Readonly<Record<SpanState, number>> = { holds: 0, unclear: 1, "not-yet": 2, over: 3 };

/** Ways through one rule differ by their dates only: in force, in doubt, soonest to begin, last to end. */
function byDates(a: Attempt, b: Attempt): number {
  if (a.validity !== b.validity) return SPAN_ORDER[a.validity] - SPAN_ORDER[b.validity];
  if (a.validity === "not-yet") return a.from - b.from;
  return a.validity === "over" ? b.until - a.until : 0;
}

function withoutRepeats(reasons: readonly Reason[]): readonly Reason[] {
  const seen = new Map(reasons.map((reason) => [JSON.stringify(reason), reason]));
  return [...seen.values()];
}
