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
import { GRANT_FLAGS, STATUSES } from "./document.ts";
import { capOf, endOf, holds, passingLevel, startOf } from "./grant-tables.ts";
import { factorFor, missingFactor } from "./second-factor.ts";
import { rowDate, rowTraits, type Snapshot } from "./snapshot.ts";
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
  readonly profile: number;
  /** Position of the profile's first grant at the access point, or where it would stand. */
  readonly firstGrant: number;
  readonly now: TimeInterval;
  /** Position in `PIN_USES`, and whether a companion makes a second factor. */
  readonly pinUse: number;
  readonly isAccompanied: boolean;
}

/** No reasons, and what a list of them grows from: most refusals have one, and a literal of one costs least. */
const NONE: readonly Reason[] = [];
const ASTRAY: Reason = { code: "credential-blocked", astray: true };

/**
 * Collects every reason why a presentation is refused, deciding one first. Runs only after the fast path found no
 * grant, but people without rights decide how often: it is written to be quick as well.
 */
export function refuse(tap: Tap, doorState: DoorState): Decision {
  const attempts = attemptsAt(tap);
  const { lockdown } = doorState;
  const isLockedOut = lockdown > 0 && attempts.every((attempt) => attempt.level < lockdown);
  const reasons = withRuleReasons(
    withCredentialReasons(doorReasons(doorState, isLockedOut), tap),
    tap,
    isLockedOut || lockdown === 0 ? attempts : attempts.filter((attempt) => attempt.level >= lockdown),
  );
  if (reasons.length > 0) return { granted: false, reasons };
  const missing = missingFactor(tap);
  // A fault of this file would be the only way to come here without a reason; the door still owes one.
  return { granted: false, reasons: [missing === undefined ? { code: "evaluation-failed" } : missing] };
}

/** Refuses what the gate knows nothing about. */
export function refuseBlindly(
  code: "no-snapshot" | "access-point-unknown" | "credential-unknown",
  doorState: DoorState,
): Decision {
  return { granted: false, reasons: and(doorReasons(doorState, doorState.lockdown > 0), { code }) };
}

function and(reasons: readonly Reason[], reason: Reason): readonly Reason[] {
  return reasons.length === 0 ? [reason] : [...reasons, reason];
}

function doorReasons(doorState: DoorState, isLockedOut: boolean): readonly Reason[] {
  const reasons = isLockedOut ? and(NONE, { code: "lockdown", level: doorState.lockdown }) : NONE;
  return doorState.mode === "locked" ? and(reasons, { code: "portal-locked" }) : reasons;
}

function withCredentialReasons(
  before: readonly Reason[],
  { snapshot, presentation, row, now }: Tap,
): readonly Reason[] {
  const { tables } = snapshot;
  const bits = rowTraits(tables, row);
  const enrolled = CREDENTIAL_KINDS[bits & 15];
  const enrolledGrade = GRADES[(bits >> 4) & 7];
  const from = rowDate(tables, row, 0);
  const until = rowDate(tables, row, 1);
  let reasons = before;
  const status = STATUSES[bits >> 7];
  if (status !== "active")
    reasons = and(reasons, status === "lost" ? ASTRAY : { code: "credential-blocked" });
  switch (spanState(from, until, snapshot, now)) {
    case "not-yet":
      reasons = and(reasons, { code: "credential-not-yet-valid", from: Instant(from) });
      break;
    case "over":
      reasons = and(reasons, { code: "credential-expired", until: Instant(until) });
      break;
    case "unclear":
      reasons = and(reasons, uncertain(snapshot, now));
      break;
    case "holds":
  }
  if (enrolled !== undefined && enrolled !== presentation.kind) {
    reasons = and(reasons, { code: "credential-kind-mismatch", enrolled, presented: presentation.kind });
  }
  if (presentation.evidence.downgraded === true && enrolledGrade !== undefined) {
    const presented = presentation.grade;
    reasons = and(reasons, { code: "credential-downgraded", enrolled: enrolledGrade, presented });
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
  readonly grant: number;
  readonly rule: number;
  /** Highest lockdown level at which it passes. */
  readonly level: number;
  readonly validity: SpanState;
  /** Checks passed before the first that failed, of four: validity, schedule, means, grade. */
  readonly passedChecks: number;
  readonly reasons: readonly Reason[];
}

const NO_ATTEMPTS: readonly Attempt[] = [];

/** Attempts by all grants at the access point, rising by rule. */
function attemptsAt(tap: Tap): readonly Attempt[] {
  const { tables } = tap.snapshot;
  const end = tables.profileStart[tap.profile + 1] ?? 0;
  const first = tap.firstGrant;
  let behind = first;
  while (behind < end && tables.grantAccessPoint[behind] === tap.accessPoint) behind += 1;
  if (behind === first) return NO_ATTEMPTS;
  const attempts = [attempt(tap, first)];
  for (let grant = first + 1; grant < behind; grant++) attempts.push(attempt(tap, grant));
  return attempts;
}

function attempt(tap: Tap, grant: number): Attempt {
  const { tables } = tap.snapshot;
  const flags = tables.grantFlags[grant] ?? 0;
  const ruleIndex = tables.grantRule[grant] ?? 0;
  const rule = tables.ruleNumber[ruleIndex] ?? 0;
  const from = startOf(tables, grant, ruleIndex, tap.row);
  const until = endOf(tables, grant, ruleIndex, tap.row);
  const validity = spanState(from, until, tap.snapshot, tap.now);
  let reasons = NONE;
  let passedChecks = 4;
  // The last check first, so that what is left is the first that failed.
  const grade = gradeReason(tap, ruleIndex, rule, (flags & GRANT_FLAGS.capsWaived) !== 0);
  const means = meansReason(tap, ruleIndex, rule);
  const schedule = scheduleReason(tap, ruleIndex, rule);
  const dates = validityReason(tap, validity, from, until, rule);
  if (dates !== undefined) {
    reasons = and(reasons, dates);
    passedChecks = 0;
  }
  if (schedule !== undefined) {
    reasons = and(reasons, schedule);
    passedChecks = Math.min(passedChecks, 1);
  }
  if (means !== undefined) {
    reasons = and(reasons, means);
    passedChecks = Math.min(passedChecks, 2);
  }
  if (grade !== undefined) {
    reasons = and(reasons, grade);
    passedChecks = Math.min(passedChecks, 3);
  }
  return { grant, rule, level: passingLevel(tables, ruleIndex, flags), validity, passedChecks, reasons };
}

function validityReason(
  { snapshot, now }: Tap,
  validity: SpanState,
  from: number,
  until: number,
  rule: number,
): Reason | undefined {
  switch (validity) {
    case "holds":
      return undefined;
    case "unclear":
      return uncertain(snapshot, now);
    case "not-yet":
      return { code: "rule-not-yet-valid", from: Instant(from), rule };
    case "over":
      return { code: "rule-expired", until: Instant(until), rule };
  }
}

function scheduleReason({ snapshot, now }: Tap, ruleIndex: number, rule: number): Reason | undefined {
  const schedule = snapshot.tables.ruleSchedule[ruleIndex] ?? -1;
  if (schedule < 0) return undefined;
  switch (scheduleState(snapshot, schedule, now)) {
    case "open":
      return undefined;
    case "unclear":
      return uncertain(snapshot, now);
    case "outlived":
      return { code: "snapshot-outlived", until: snapshot.until };
    case "closed": {
      const nextOpening = opensAfter(snapshot, schedule, now.latest);
      return nextOpening === undefined
        ? { code: "outside-schedule", rule }
        : { code: "outside-schedule", nextOpening, rule };
    }
  }
}

function meansReason(tap: Tap, ruleIndex: number, rule: number): Reason | undefined {
  const means = tap.snapshot.tables.ruleMeans[ruleIndex] ?? 0;
  if (((means >> tap.kind) & 1) === 1) return undefined;
  const factor = factorFor(tap, means);
  if (factor !== undefined) return factor;
  return { code: "means-not-allowed", kind: tap.presentation.kind, rule };
}

function gradeReason(tap: Tap, ruleIndex: number, rule: number, capsWaived: boolean): Reason | undefined {
  const { tables } = tap.snapshot;
  const rank = Math.max(
    (rowTraits(tables, tap.row) >> 4) & 7,
    tap.grade,
    capsWaived ? -1 : capOf(tables, tap.kind, tap.now.latest),
  );
  const least = Math.min(tables.ruleGrade[ruleIndex] ?? 0, tables.accessPointGrade[tap.accessPoint] ?? 0);
  if (rank <= least) return undefined;
  const [grade, minimum] = [GRADES[rank], GRADES[least]];
  if (grade === undefined || minimum === undefined) return undefined;
  return { code: "grade-too-low", grade, minimum, rule };
}

/**
 * Adds the reasons of all rules, the one that came nearest first; of several ways through one rule only the nearest
 * speaks. No rule is to blame if one of them would have opened.
 */
function withRuleReasons(
  before: readonly Reason[],
  tap: Tap,
  attempts: readonly Attempt[],
): readonly Reason[] {
  const [only] = attempts;
  if (only === undefined) return and(before, { code: "no-rule-for-access-point" });
  if (attempts.length === 1 && before.length === 0 && only.reasons.length <= 1) return only.reasons;
  const nearest: Attempt[] = [];
  for (const attempt of attempts) {
    if (attempt.reasons.length === 0) return before;
    const last = nearest.at(-1);
    if (last === undefined || last.rule !== attempt.rule) nearest.push(attempt);
    else if (compareDates(tap, attempt, last) < 0) nearest[nearest.length - 1] = attempt;
  }
  sortAttempts(nearest);
  const reasons = [...before];
  for (const attempt of nearest) for (const reason of attempt.reasons) addOnce(reasons, reason);
  return reasons;
}

/** By insertion: there are two or three, and `sort` costs more than the whole decision. */
function sortAttempts(attempts: Attempt[]): void {
  for (let next = 1; next < attempts.length; next++) {
    for (let place = next; place > 0; place--) {
      const [before, after] = [attempts[place - 1], attempts[place]];
      if (before === undefined || after === undefined || compareAttempts(before, after) <= 0) break;
      attempts[place - 1] = after;
      attempts[place] = before;
    }
  }
}

function compareAttempts(a: Attempt, b: Attempt): number {
  return b.passedChecks - a.passedChecks || a.reasons.length - b.reasons.length || a.rule - b.rule;
}

const SPAN_ORDER: Readonly<Record<SpanState, number>> = { holds: 0, unclear: 1, "not-yet": 2, over: 3 };

/** Ways through one rule differ by their dates only: in force, in doubt, soonest to begin, last to end. */
function compareDates({ snapshot: { tables }, row }: Tap, a: Attempt, b: Attempt): number {
  if (a.validity !== b.validity) return SPAN_ORDER[a.validity] - SPAN_ORDER[b.validity];
  const rule = tables.grantRule[a.grant] ?? 0;
  if (a.validity === "not-yet")
    return startOf(tables, a.grant, rule, row) - startOf(tables, b.grant, rule, row);
  return a.validity === "over" ? endOf(tables, b.grant, rule, row) - endOf(tables, a.grant, rule, row) : 0;
}

/** The reasons that name no rule are the same whoever gives them. */
function addOnce(reasons: Reason[], reason: Reason): void {
  const isShared =
    reason.code === "time-uncertain" ||
    reason.code === "snapshot-outlived" ||
    reason.code === "second-factor-needed";
  if (isShared && reasons.some(({ code }) => code === reason.code)) return;
  reasons.push(reason);
}
