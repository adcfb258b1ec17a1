import {
  type AccessPoint,
  type AccessPointId,
  type Decision,
  type DoorState,
  type Grade,
  gradeRank,
  type Instant,
  meetsGrade,
  type PinUse,
  type Presentation,
  pinUseOf,
  type Reason,
  type TimeInterval,
  type Validity,
  weakestGrade,
} from "@menshen/domain";
import type { CommunityModel, CredentialRecord, NumberedRule } from "./model.ts";
import { type ReferenceCalendar, referenceCalendar } from "./reference-calendar.ts";
import { overlap, ruleReaches, type Stretch, stretches } from "./reference-who.ts";
import type { GradeWaiver } from "./verdict.ts";

/** The snapshot's life and the waivers of its verdict, so that the model answers as the gate did. */
export interface ModelContext {
  /** `from` and `until` as `snapshotLife` gives them. */
  readonly from: Instant;
  readonly until: Instant;
  readonly waivers: readonly GradeWaiver[];
}

/**
 * The same answer as `decide`, straight from the rules: slow and obvious, for explaining a refusal at the server and
 * for checking `decide`. Shares nothing with the compiler and the fast path but the domain.
 */
export function decideFromModel(
  model: CommunityModel,
  context: ModelContext,
  presentation: Presentation,
  accessPointId: AccessPointId,
  doorState: DoorState,
  now: TimeInterval,
  companion?: Presentation,
): Decision {
  if (doorState.fireRelease) return unlockedBy("fire-release");
  const accessPoint = model.accessPoints.find(({ id }) => id === accessPointId);
  if (accessPoint === undefined) {
    return { granted: false, reasons: [...doorReasons(doorState, false), { code: "access-point-unknown" }] };
  }
  const question: Question = {
    model,
    context,
    presentation,
    accessPoint,
    doorState,
    now,
    companion,
    calendar: referenceCalendar(model, context),
  };
  return doorStandsOpen(question) ?? answer(question);
}

interface Question {
  readonly model: CommunityModel;
  readonly context: ModelContext;
  readonly presentation: Presentation;
  readonly accessPoint: Omit<AccessPoint, "name">;
  readonly doorState: DoorState;
  readonly now: TimeInterval;
  readonly companion: Presentation | undefined;
  readonly calendar: ReferenceCalendar;
}

function unlockedBy(cause: "schedule" | "held-open" | "fire-release"): Decision {
  return { granted: true, reasons: [{ code: "portal-unlocked", cause }] };
}

function doorStandsOpen({ model, accessPoint, doorState, now, calendar }: Question): Decision | undefined {
  if (doorState.lockdown > 0) return undefined;
  if (doorState.mode === "held-open") return unlockedBy("held-open");
  if (doorState.mode === "locked") return undefined;
  const portal = model.portals.find(({ id }) => id === accessPoint.portalId);
  const scheduleId = portal?.unlockScheduleId;
  if (scheduleId === undefined || calendar.over(scheduleId, now).state !== "open") return undefined;
  return unlockedBy("schedule");
}

function answer(question: Question): Decision {
  const { model, presentation, doorState } = question;
  const credential = model.credentials.find(({ key }) => sameBytes(key, presentation.credentialKey));
  // A gate does not even know the credentials of people who may pass none of its doors.
  if (credential === undefined || !isKnownAtGate(question, credential)) {
    return {
      granted: false,
      reasons: unique([...doorReasons(doorState, false), { code: "credential-unknown" }]),
    };
  }
  const attempts = model.rules
    .toSorted((a, b) => a.number - b.number)
    .flatMap((rule) => attemptsBy(question, rule, credential));
  const passing = attempts.filter(({ level }) => level >= doorState.lockdown);
  const ofDoor = doorReasons(doorState, passing.length > 0);
  const ofCredential = credentialReasons(question, credential);
  const opening = passing.find(({ reasons }) => reasons.length === 0);
  if (ofDoor.length === 0 && ofCredential.length === 0 && opening !== undefined) {
    const missing = missingFactor(question);
    if (missing !== undefined) return { granted: false, reasons: [missing] };
    return { granted: true, reasons: [{ code: "rule-allows", rule: opening.rule }] };
  }
  const ofRules = ruleReasons(passing.length > 0 ? passing : attempts);
  return { granted: false, reasons: unique([...ofDoor, ...ofCredential, ...ofRules]) };
}

function doorReasons(doorState: DoorState, passesLockdown: boolean): Reason[] {
  const reasons: Reason[] = [];
  if (doorState.lockdown > 0 && !passesLockdown)
    reasons.push({ code: "lockdown", level: doorState.lockdown });
  if (doorState.mode === "locked") reasons.push({ code: "portal-locked" });
  return reasons;
}

function credentialReasons(question: Question, credential: CredentialRecord): Reason[] {
  const { presentation } = question;
  const reasons: Reason[] = [];
  if (credential.status === "lost") reasons.push({ code: "credential-blocked", astray: true });
  if (credential.status === "blocked") reasons.push({ code: "credential-blocked" });
  const { from, until } = credential.validity;
  const state = validityState(credential.validity, question);
  if (state === "not-yet" && from !== undefined) reasons.push({ code: "credential-not-yet-valid", from });
  if (state === "over" && until !== undefined) reasons.push({ code: "credential-expired", until });
  if (state === "unclear") reasons.push(uncertain(question));
  if (credential.kind !== presentation.kind) {
    reasons.push({
      code: "credential-kind-mismatch",
      enrolled: credential.kind,
      presented: presentation.kind,
    });
  }
  if (presentation.evidence.downgraded) {
    reasons.push({
      code: "credential-downgraded",
      enrolled: credential.grade,
      presented: presentation.grade,
    });
  }
  return reasons;
}

/** One rule tried for one stretch of time in which it selects the holder. */
interface Attempt {
  readonly rule: number;
  readonly level: number;
  readonly validity: Validity;
  readonly state: ValidityState;
  /** Checks passed before the first that failed, of four. */
  readonly passedChecks: number;
  readonly reasons: readonly Reason[];
}

function attemptsBy(question: Question, rule: NumberedRule, credential: CredentialRecord): Attempt[] {
  const { accessPoint, model } = question;
  if (!ruleReaches(rule, accessPoint)) return [];
  return stretches(model, rule, accessPoint, credential.personId).flatMap((stretch) => {
    const validity = overlap(rule.validity, stretch.validity);
    return validity === undefined ? [] : [attempt(question, rule, credential, { ...stretch, validity })];
  });
}

function attempt(
  question: Question,
  rule: NumberedRule,
  credential: CredentialRecord,
  stretch: Stretch,
): Attempt {
  const { validity } = stretch;
  const state = validityState(validity, question);
  const checks = [
    validityReasons(question, rule, validity, state),
    scheduleReasons(question, rule),
    meansReasons(question, rule),
    gradeReasons(question, rule, credential),
  ];
  const failed = checks.findIndex((reasons) => reasons.length > 0);
  return {
    rule: rule.number,
    level: rule.overridesLockdown ? 2 : stretch.asResident ? 1 : 0,
    validity,
    state,
    passedChecks: failed === -1 ? checks.length : failed,
    reasons: checks.flat(),
  };
}

function validityReasons(
  question: Question,
  rule: NumberedRule,
  { from, until }: Validity,
  state: ValidityState,
): Reason[] {
  if (state === "not-yet" && from !== undefined) {
    return [{ code: "rule-not-yet-valid", from, rule: rule.number }];
  }
  if (state === "over" && until !== undefined) return [{ code: "rule-expired", until, rule: rule.number }];
  return state === "unclear" ? [uncertain(question)] : [];
}

function scheduleReasons(question: Question, rule: NumberedRule): Reason[] {
  if (rule.scheduleId === undefined) return [];
  const { state, opens } = question.calendar.over(rule.scheduleId, question.now);
  switch (state) {
    case "open":
      return [];
    case "outlived":
      return [{ code: "snapshot-outlived", until: question.context.until }];
    case "unclear":
      return [uncertain(question)];
    case "closed":
      return [
        {
          code: "outside-schedule",
          ...(opens === undefined ? {} : { nextOpening: opens }),
          rule: rule.number,
        },
      ];
  }
}

function meansReasons(question: Question, rule: NumberedRule): Reason[] {
  const { kind } = question.presentation;
  if (rule.means === undefined || rule.means.includes(kind)) return [];
  const isOtherAllowed = rule.means.some((each) => (each === "pin") !== (kind === "pin"));
  const togetherOnly = pinUseAt(question) === "both" || (pinUseAt(question) === "second" && kind !== "pin");
  if (isOtherAllowed && togetherOnly && !hasCompanion(question)) {
    return [{ code: "second-factor-needed", missing: kind === "pin" ? "other" : "pin" }];
  }
  return [{ code: "means-not-allowed", kind, rule: rule.number }];
}

function pinUseAt({ model, accessPoint }: Question): PinUse {
  return pinUseOf(accessPoint, model.outsideAreaId);
}

/** What is missing for whom everything else lets through. */
function missingFactor(question: Question): Reason | undefined {
  const use = pinUseAt(question);
  const isPin = question.presentation.kind === "pin";
  if (use === "alone" || (use === "second" && !isPin) || hasCompanion(question)) return undefined;
  return { code: "second-factor-needed", missing: isPin ? "other" : "pin" };
}

/** Whether a PIN comes with another credential that is in force, or the other way round. */
function hasCompanion(question: Question): boolean {
  const { companion, presentation, model } = question;
  if (companion === undefined || (companion.kind === "pin") === (presentation.kind === "pin")) return false;
  const credential = model.credentials.find(({ key }) => sameBytes(key, companion.credentialKey));
  return (
    credential !== undefined &&
    isKnownAtGate(question, credential) &&
    credentialReasons({ ...question, presentation: companion }, credential).length === 0
  );
}

function gradeReasons(question: Question, rule: NumberedRule, credential: CredentialRecord): Reason[] {
  const { model, context, presentation, accessPoint, now } = question;
  const isWaived = context.waivers.some(
    ({ personIds, accessPointIds }) =>
      personIds.includes(credential.personId) && accessPointIds.includes(accessPoint.id),
  );
  const caps = model.gradeCaps.filter(({ kind, from }) => kind === presentation.kind && from <= now.latest);
  const grade: Grade = weakestGrade(
    presentation.grade,
    credential.grade,
    ...(isWaived ? [] : caps.map((cap) => cap.grade)),
  );
  const minimum =
    gradeRank(rule.minimumGrade) < gradeRank(accessPoint.minimumGrade)
      ? rule.minimumGrade
      : accessPoint.minimumGrade;
  return meetsGrade(grade, minimum) ? [] : [{ code: "grade-too-low", grade, minimum, rule: rule.number }];
}

/** The rule that came nearest speaks first; of one rule's stretches only the nearest speaks. */
function ruleReasons(attempts: readonly Attempt[]): Reason[] {
  if (attempts.length === 0) return [{ code: "no-rule-for-access-point" }];
  if (attempts.some(({ reasons }) => reasons.length === 0)) return [];
  const numbers = [...new Set(attempts.map(({ rule }) => rule))];
  const nearest = numbers.map((number) =>
    attempts.filter(({ rule }) => rule === number).reduce((a, b) => (isNearer(b, a) ? b : a)),
  );
  return nearest
    .toSorted(
      (a, b) => b.passedChecks - a.passedChecks || a.reasons.length - b.reasons.length || a.rule - b.rule,
    )
    .flatMap(({ reasons }) => reasons);
}

const NEARNESS: readonly ValidityState[] = ["holds", "unclear", "not-yet", "over"];

function isNearer(a: Attempt, b: Attempt): boolean {
  if (a.state !== b.state) return NEARNESS.indexOf(a.state) < NEARNESS.indexOf(b.state);
  if (a.state === "not-yet") return (a.validity.from ?? 0) < (b.validity.from ?? 0);
  return a.state === "over" && (a.validity.until ?? 0) > (b.validity.until ?? 0);
}

function isKnownAtGate({ model, accessPoint }: Question, credential: CredentialRecord): boolean {
  const { personId, status } = credential;
  if (status === "lost" && !model.residencies.some((residency) => residency.personId === personId))
    return true;
  const gateOf = new Map(model.portals.map(({ id, gateId }) => [id, gateId]));
  const gate = gateOf.get(accessPoint.portalId);
  const here = model.accessPoints.filter(({ portalId }) => gateOf.get(portalId) === gate);
  return here.some((each) =>
    model.rules.some(
      (rule) =>
        ruleReaches(rule, each) &&
        stretches(model, rule, each, credential.personId).some(
          ({ validity }) => overlap(rule.validity, validity) !== undefined,
        ),
    ),
  );
}

type ValidityState = "holds" | "unclear" | "not-yet" | "over";

function validityState({ from, until }: Validity, { now, context }: Question): ValidityState {
  if (from === undefined && until === undefined) return "holds";
  if (now.earliest < context.from) return "unclear";
  if (from !== undefined && now.latest < from) return "not-yet";
  if (until !== undefined && now.earliest >= until) return "over";
  const hasBegun = from === undefined || now.earliest >= from;
  const lasts = until === undefined || now.latest < until;
  return hasBegun && lasts ? "holds" : "unclear";
}

function uncertain({ now, context }: Question): Reason {
  const spreadMs = Math.max(now.latest - now.earliest, context.from - now.earliest);
  return { code: "time-uncertain", spreadMs };
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

function unique(reasons: readonly Reason[]): Reason[] {
  const seen = new Set<string>();
  return reasons.filter((reason) => {
    const text = JSON.stringify(reason);
    return seen.has(text) ? false : seen.add(text);
  });
}
