import {
  type CredentialColumns,
  FORMAT,
  GRANT_FLAGS,
  type GrantEntry,
  type PlainMap,
  type PlainValue,
  type SnapshotContent,
  type SnapshotDocument,
} from "./document.ts";

/** The document that says `content`. */
export function writeDocument(content: SnapshotContent): SnapshotDocument {
  const { version, gate, community, from, until, timeZone, transitions } = content;
  return {
    format: FORMAT,
    version,
    gate,
    community,
    from,
    until,
    timeZone,
    transitions,
    schedules: content.schedules.map(({ id, weekly, dates }) => ({ id, weekly, dates })),
    rules: content.rules.map((rule) => ({
      number: rule.number,
      means: rule.means,
      grade: rule.grade,
      ...presentIndex("schedule", rule.schedule),
      ...presentInstant("from", rule.from),
      ...presentInstant("until", rule.until),
      ...(rule.overridesLockdown ? { overridesLockdown: true } : {}),
      ...(rule.common ? { common: true } : {}),
    })),
    portals: content.portals.map(({ id, unlockMs, heldOpenLimitMs, unlockSchedule }) => ({
      id,
      unlockMs,
      heldOpenLimitMs,
      ...presentIndex("unlockSchedule", unlockSchedule),
    })),
    accessPoints: content.accessPoints.map(({ id, portal, grade, pin }) => ({
      id,
      portal,
      grade,
      ...(pin === 0 ? {} : { pin }),
    })),
    gradeCaps: content.gradeCaps.map((cap) => [cap.kind, cap.grade, cap.from]),
    profiles: content.profiles.map(writeProfile),
    credentials: writeColumns(content.credentials),
  };
}

export function writeProfile(grants: readonly GrantEntry[]): PlainValue {
  return grants.map(({ accessPoint, rule, flags, from, until }) => {
    const hasFrom = Number.isFinite(from);
    const hasUntil = Number.isFinite(until);
    const bits = (hasFrom ? GRANT_FLAGS.hasFrom : 0) | (hasUntil ? GRANT_FLAGS.hasUntil : 0);
    return [accessPoint, rule, flags | bits, ...(hasFrom ? [from] : []), ...(hasUntil ? [until] : [])];
  });
}

export function writeColumns({ keys, profiles, traits, datedRows, dates }: CredentialColumns): PlainMap {
  return { keys, profiles, traits, datedRows, dates };
}

function presentIndex(key: string, index: number): PlainMap {
  return index < 0 ? {} : { [key]: index };
}

function presentInstant(key: string, at: number): PlainMap {
  return Number.isFinite(at) ? { [key]: at } : {};
}
