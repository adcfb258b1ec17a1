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
import { capOf, firstGrant, holds, passingLevel } from "./grant-tables.ts";
import { refuse } from "./refusal.ts";
import { findRow, type Snapshot } from "./snapshot.ts";
import { scheduleHolds } from "./time-tables.ts";
import { unlockCause } from "./unlock.ts";

const ACTIVE_BITS = 0;
const FAILED: Decision = { granted: false, reasons: [{ code: "evaluation-failed" }] };

/**
 * Answers one presentation at one access point. Pure and total: it never throws, and always gives a reason. Granted:
 * one reason. Refused: every reason that mattered, the deciding one first, in the order door, credential, rules; of
 * several rules the one that came nearest to opening first. `snapshot` undefined: `no-snapshot`.
 *
 * Order: fire release, lockdown and locked or held-open door, credential, rules with validity, schedule, means, grade.
 * Time is an interval: what has no dates and no schedule opens inside any doubt, everything else must hold throughout.
 */
export function decide(
  snapshot: Snapshot | undefined,
  presentation: Presentation,
  accessPointId: AccessPointId,
  doorState: DoorState,
  now: TimeInterval,
): Decision {
  try {
    if (doorState.fireRelease === true) return unlocked("fire-release");
    if (!isSound(presentation, doorState, now)) return FAILED;
    const accessPoint = snapshot?.tables.accessPointIndex.get(accessPointId);
    if (snapshot !== undefined && accessPoint !== undefined) {
      const portal = snapshot.tables.accessPointPortal[accessPoint] ?? -1;
      const cause = unlockCause(snapshot, portal, doorState, now);
      if (cause !== undefined) return unlocked(cause);
      const rule = allowingRule(snapshot, presentation, accessPoint, doorState, now);
      if (rule >= 0) return { granted: true, reasons: [{ code: "rule-allows", rule }] };
    }
    return refuse(snapshot, presentation, accessPoint, doorState, now);
  } catch {
    // Only values that break their types get here. Deny on doubt.
    return FAILED;
  }
}

function unlocked(cause: "schedule" | "held-open" | "fire-release"): Decision {
  return { granted: true, reasons: [{ code: "portal-unlocked", cause }] };
}

/** False for values that their types rule out but a fault elsewhere might bring. */
function isSound(presentation: Presentation, doorState: DoorState, now: TimeInterval): boolean {
  const { mode, lockdown } = doorState;
  const { credentialKey } = presentation;
  return (
    now.earliest <= now.latest &&
    Number.isFinite(now.earliest) &&
    Number.isFinite(now.latest) &&
    (mode === "normal" || mode === "locked" || mode === "held-open") &&
    (lockdown === 0 || lockdown === 1 || lockdown === 2 || lockdown === 3) &&
    credentialKey instanceof Uint8Array &&
    credentialKey.length === 16 &&
    CREDENTIAL_KINDS.includes(presentation.kind) &&
    GRADES.includes(presentation.grade)
  );
}

/** Number of the first rule that opens, or −1. Allocates nothing. */
function allowingRule(
  snapshot: Snapshot,
  presentation: Presentation,
  accessPoint: number,
  doorState: DoorState,
  now: TimeInterval,
): number {
  if (doorState.mode === "locked" || doorState.lockdown === 3) return -1;
  const { tables } = snapshot;
  const row = findRow(tables, presentation.credentialKey);
  if (row < 0) return -1;
  const traits = tables.traits[row] ?? 0;
  const kind = CREDENTIAL_KINDS.indexOf(presentation.kind);
  if (traits >> 7 !== ACTIVE_BITS || (traits & 15) !== kind) return -1;
  if (presentation.evidence.downgraded === true) return -1;
  const isClockBehind = now.earliest < snapshot.from;
  const dates = tables.dates;
  if (!holds(dates[row * 4] ?? 0, dates[row * 4 + 1] ?? 0, now, isClockBehind)) return -1;

  const enrolled = (traits >> 4) & 7;
  const shown = Math.max(enrolled, GRADES.indexOf(presentation.grade));
  const capped = Math.max(shown, capOf(tables, kind, now.latest));
  const residencyFrom = dates[row * 4 + 2] ?? 0;
  const residencyUntil = dates[row * 4 + 3] ?? 0;
  const profile = tables.profile[row] ?? 0;
  const end = tables.profileStart[profile + 1] ?? 0;
  for (let grant = firstGrant(tables, profile, accessPoint); grant < end; grant++) {
    if (tables.grantAccessPoint[grant] !== accessPoint) break;
    const flags = tables.grantFlags[grant] ?? 0;
    const rule = tables.grantRule[grant] ?? 0;
    if (passingLevel(tables, rule, flags) < doorState.lockdown) continue;
    const isOnRow = (flags & GRANT_FLAGS.residencyDates) !== 0;
    const from = Math.max(
      tables.ruleFrom[rule] ?? 0,
      tables.grantFrom[grant] ?? 0,
      isOnRow ? residencyFrom : Number.NEGATIVE_INFINITY,
    );
    const until = Math.min(
      tables.ruleUntil[rule] ?? 0,
      tables.grantUntil[grant] ?? 0,
      isOnRow ? residencyUntil : Number.POSITIVE_INFINITY,
    );
    if (!holds(from, until, now, isClockBehind)) continue;
    const schedule = tables.ruleSchedule[rule] ?? -1;
    if (schedule >= 0 && !scheduleHolds(snapshot, schedule, now)) continue;
    if ((((tables.ruleMeans[rule] ?? 0) >> kind) & 1) === 0) continue;
    const grade = (flags & GRANT_FLAGS.capsWaived) !== 0 ? shown : capped;
    if (grade > (tables.ruleGrade[rule] ?? 0) || grade > (tables.accessPointGrade[accessPoint] ?? 0))
      continue;
    return tables.ruleNumber[rule] ?? -1;
  }
  return -1;
}
