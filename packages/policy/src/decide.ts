import {
  type AccessPointId,
  CREDENTIAL_KINDS,
  type Decision,
  type DoorState,
  GRADES,
  type Presentation,
  type TimeInterval,
} from "@menshen/domain";
import { GRANT_FLAGS } from "./document.ts";
import { capOf, endOf, firstGrant, holds, passingLevel, startOf } from "./grant-tables.ts";
import { refuse, refuseBlindly, type Tap } from "./refusal.ts";
import { isAccompanied, missingFactor, PIN_ALONE } from "./second-factor.ts";
import { findRow, rowDate, rowProfile, rowTraits, type Snapshot } from "./snapshot.ts";
import { scheduleHolds } from "./time-tables.ts";
import { type UnlockCause, unlockCause } from "./unlock.ts";

const ACTIVE_BITS = 0;
const FAILED: Decision = { granted: false, reasons: [{ code: "evaluation-failed" }] };
const UNLOCKED: Readonly<Record<UnlockCause, Decision>> = {
  schedule: { granted: true, reasons: [{ code: "portal-unlocked", cause: "schedule" }] },
  "held-open": { granted: true, reasons: [{ code: "portal-unlocked", cause: "held-open" }] },
  "fire-release": { granted: true, reasons: [{ code: "portal-unlocked", cause: "fire-release" }] },
};

/**
 * Answers one presentation at one access point. Pure and total: it never throws, and always gives a reason. Granted:
 * one reason. Refused: every reason that mattered, the deciding one first, in the order door, credential, rules; of
 * several rules the one that came nearest to opening first. `snapshot` undefined: `no-snapshot`.
 *
 * Order: fire release, lockdown and locked or held-open door, credential, rules with validity, schedule, means, grade;
 * last, whether a second factor is needed. `companion` is another credential of the same person, presented here shortly
 * before: that it is the same person's is the caller's to know. It must be in force, and needs no rule of its own.
 * Time is an interval: what has no dates and no schedule opens inside any doubt, everything else must hold throughout.
 */
export function decide(
  snapshot: Snapshot | undefined,
  presentation: Presentation,
  accessPointId: AccessPointId,
  doorState: DoorState,
  now: TimeInterval,
  companion?: Presentation,
): Decision {
  try {
    if (doorState.fireRelease === true) return UNLOCKED["fire-release"];
    const kind = positionOf(CREDENTIAL_KINDS, presentation.kind);
    const grade = positionOf(GRADES, presentation.grade);
    if (kind < 0 || grade < 0 || !isSound(presentation.credentialKey, doorState, now)) return FAILED;
    if (snapshot === undefined) {
      const isHeldOpen = unlockCause(undefined, -1, doorState, now) === "held-open";
      return isHeldOpen ? UNLOCKED["held-open"] : refuseBlindly("no-snapshot", doorState);
    }
    const accessPoint = snapshot.tables.accessPointIndex.get(accessPointId);
    if (accessPoint === undefined) return refuseBlindly("access-point-unknown", doorState);
    const portal = snapshot.tables.accessPointPortal[accessPoint] ?? -1;
    const cause = unlockCause(snapshot, portal, doorState, now);
    if (cause !== undefined) return UNLOCKED[cause];
    const row = findRow(snapshot.tables, presentation.credentialKey);
    if (row < 0) return refuseBlindly("credential-unknown", doorState);
    const profile = rowProfile(snapshot.tables, row);
    const first = firstGrant(snapshot.tables, profile, accessPoint);
    const pinUse = snapshot.tables.accessPointPin[accessPoint] ?? 0;
    const tap = {
      snapshot,
      presentation,
      kind,
      grade,
      accessPoint,
      row,
      profile,
      firstGrant: first,
      now,
      pinUse,
      isAccompanied: pinUse !== PIN_ALONE && isAccompanied(snapshot, kind, companion, now),
    };
    return allowingGrant(tap, doorState) ?? refuse(tap, doorState);
  } catch {
    // Only values that break their types get here. Deny on doubt.
    return FAILED;
  }
}

/** As `indexOf`, without its call: this runs for every tap. */
function positionOf<Entry>(entries: readonly Entry[], entry: Entry): number {
  for (let position = 0; position < entries.length; position++) {
    if (entries[position] === entry) return position;
  }
  return -1;
}

/** False for values that their types rule out but a fault elsewhere might bring. */
function isSound(credentialKey: Uint8Array, { mode, lockdown }: DoorState, now: TimeInterval): boolean {
  return (
    now.earliest <= now.latest &&
    Number.isFinite(now.earliest) &&
    Number.isFinite(now.latest) &&
    (mode === "normal" || mode === "locked" || mode === "held-open") &&
    (lockdown === 0 || lockdown === 1 || lockdown === 2 || lockdown === 3) &&
    credentialKey instanceof Uint8Array &&
    credentialKey.length === 16
  );
}

/** The answer of the first rule that opens, undefined if none does. Allocates nothing. */
function allowingGrant(tap: Tap, doorState: DoorState): Decision | undefined {
  if (doorState.mode === "locked" || doorState.lockdown === 3) return undefined;
  const { snapshot, presentation, kind, accessPoint, row, profile, now } = tap;
  const { tables } = snapshot;
  const traits = rowTraits(tables, row);
  if (traits >> 7 !== ACTIVE_BITS || (traits & 15) !== kind) return undefined;
  if (presentation.evidence.downgraded === true) return undefined;
  const isClockBehind = now.earliest < snapshot.from;
  if (!holds(rowDate(tables, row, 0), rowDate(tables, row, 1), now, isClockBehind)) return undefined;
  if (missingFactor(tap) !== undefined) return undefined;

  const enrolled = (traits >> 4) & 7;
  const shown = Math.max(enrolled, tap.grade);
  const capped = Math.max(shown, capOf(tables, kind, now.latest));
  const end = tables.profileStart[profile + 1] ?? 0;
  for (let grant = tap.firstGrant; grant < end; grant++) {
    if (tables.grantAccessPoint[grant] !== accessPoint) break;
    const flags = tables.grantFlags[grant] ?? 0;
    const rule = tables.grantRule[grant] ?? 0;
    if (passingLevel(tables, rule, flags) < doorState.lockdown) continue;
    const from = startOf(tables, grant, rule, row);
    const until = endOf(tables, grant, rule, row);
    if (!holds(from, until, now, isClockBehind)) continue;
    const schedule = tables.ruleSchedule[rule] ?? -1;
    if (schedule >= 0 && !scheduleHolds(snapshot, schedule, now)) continue;
    if ((((tables.ruleMeans[rule] ?? 0) >> kind) & 1) === 0) continue;
    const grade = (flags & GRANT_FLAGS.capsWaived) !== 0 ? shown : capped;
    if (grade > (tables.ruleGrade[rule] ?? 0) || grade > (tables.accessPointGrade[accessPoint] ?? 0))
      continue;
    return tables.ruleGrants[rule];
  }
  return undefined;
}
