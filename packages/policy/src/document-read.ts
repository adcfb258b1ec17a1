import { CREDENTIAL_KINDS, GRADES, PIN_USES } from "@menshen/domain";
import { compareBytes, datesAt, KEY_BYTES, viewOf } from "./columns.ts";
import {
  type AccessPointEntry,
  type CredentialColumns,
  FORMAT,
  GRANT_FLAGS,
  type GradeCapEntry,
  type GrantEntry,
  LIMITS,
  type PortalEntry,
  type RuleEntry,
  type ScheduleEntry,
  type SnapshotContent,
  STATUSES,
  type WindowEntry,
} from "./document.ts";
import {
  Refused,
  readArray,
  readBytes,
  readInstant,
  readInteger,
  readObject,
  readOptionalIndex,
  readText,
  requireRising,
} from "./reading.ts";

const MOST_VERSION = Number.MAX_SAFE_INTEGER;
const WORST_GRADE = GRADES.length - 1;
const ALL_KINDS = 2 ** CREDENTIAL_KINDS.length - 1;
const KNOWN_FLAGS = 2 ** Object.keys(GRANT_FLAGS).length - 1;

/**
 * Reads a decoded document as hostile: bounds, lengths, indexes, order. Unknown fields are left alone.
 *
 * @throws {Refused} `unknown-version` for another format, `malformed`, `too-large`, `inconsistent`
 */
export function readDocument(value: unknown): SnapshotContent {
  const fields = readObject(value, "document");
  readFormat(fields.format, "format");
  const from = readInstant(fields.from, "from");
  const until = readInstant(fields.until, "until");
  if (from >= until || from % 1000 !== 0 || until % 1000 !== 0) throw new Refused("inconsistent", "until");
  if (until - from > LIMITS.lifeMs) throw new Refused("too-large", "until");

  const schedules = readEach(fields.schedules, LIMITS.schedules, "schedules", readSchedule);
  const rules = readEach(fields.rules, LIMITS.rules, "rules", (entry, where) =>
    readRule(entry, schedules.length, where),
  );
  requireRising(rules, (a, b) => a.number - b.number, "rules");
  const portals = readEach(fields.portals, LIMITS.portals, "portals", (entry, where) =>
    readPortal(entry, schedules.length, where),
  );
  requireRising(portals, (a, b) => compareBytes(a.id, b.id), "portals");
  const accessPoints = readEach(fields.accessPoints, LIMITS.accessPoints, "access points", (entry, where) =>
    readAccessPoint(entry, portals.length, where),
  );
  requireRising(accessPoints, (a, b) => compareBytes(a.id, b.id), "access points");
  const profiles = readEach(fields.profiles, LIMITS.profiles, "profiles", (entry, where) =>
    readProfile(entry, accessPoints.length, rules.length, where),
  );
  if (profiles.reduce((sum, grants) => sum + grants.length, 0) > LIMITS.grants) {
    throw new Refused("too-large", "profiles");
  }
  return {
    version: readInteger(fields.version, 1, MOST_VERSION, "version"),
    gate: readBytes(fields.gate, 16, "gate"),
    community: readBytes(fields.community, 16, "community"),
    from,
    until,
    timeZone: readText(fields.timeZone, 64, "time zone"),
    transitions: readTransitions(fields.transitions, from, until),
    schedules,
    rules,
    portals,
    accessPoints,
    gradeCaps: readEach(fields.gradeCaps, LIMITS.gradeCaps, "grade caps", readGradeCap),
    profiles,
    credentials: readColumns(fields.credentials, profiles.length, "credentials"),
  };
}

/** @throws {Refused} `unknown-version` if it is a number but another one. */
export function readFormat(value: unknown, where: string): void {
  if (typeof value !== "number") throw new Refused("malformed", where);
  if (value !== FORMAT) throw new Refused("unknown-version", where);
}

/** @throws {Refused} as `readDocument`; `profileCount` bounds the profile indexes. */
export function readColumns(value: unknown, profileCount: number, where: string): CredentialColumns {
  const fields = readObject(value, where);
  const keys = fields.keys;
  if (!(keys instanceof Uint8Array) || keys.length % KEY_BYTES !== 0)
    throw new Refused("malformed", `${where} keys`);
  const count = keys.length / KEY_BYTES;
  if (count > LIMITS.credentials) throw new Refused("too-large", where);
  const datedRows = fields.datedRows;
  if (!(datedRows instanceof Uint8Array) || datedRows.length % 4 !== 0) {
    throw new Refused("malformed", `${where} dated rows`);
  }
  const columns = {
    count,
    keys,
    profiles: readBytes(fields.profiles, count * 4, `${where} profiles`),
    traits: readBytes(fields.traits, count * 2, `${where} traits`),
    datedRows,
    dates: readBytes(fields.dates, (datedRows.length / 4) * 32, `${where} dates`),
  };
  checkRows(columns, profileCount, where);
  checkDates(columns, where);
  return columns;
}

/** @throws {Refused} as `readDocument` */
export function readProfile(
  value: unknown,
  accessPointCount: number,
  ruleCount: number,
  where: string,
): readonly GrantEntry[] {
  const grants = readEach(value, LIMITS.accessPoints * LIMITS.grantsPerAccessPoint, where, (entry) =>
    readGrant(entry, accessPointCount, ruleCount, where),
  );
  requireRising(grants, compareGrants, where);
  for (let i = LIMITS.grantsPerAccessPoint; i < grants.length; i++) {
    if (grants[i]?.accessPoint === grants[i - LIMITS.grantsPerAccessPoint]?.accessPoint) {
      throw new Refused("too-large", where);
    }
  }
  return grants;
}

/** Order of grants within a profile. */
export function compareGrants(a: GrantEntry, b: GrantEntry): number {
  return (
    a.accessPoint - b.accessPoint ||
    a.rule - b.rule ||
    a.flags - b.flags ||
    compareNumbers(a.from, b.from) ||
    compareNumbers(a.until, b.until)
  );
}

/** Order of two numbers that may be infinite. */
export function compareNumbers(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function readEach<Entry>(
  value: unknown,
  most: number,
  where: string,
  read: (entry: unknown, where: string) => Entry,
): readonly Entry[] {
  return readArray(value, most, where).map((entry) => read(entry, where));
}

function readTransitions(value: unknown, from: number, until: number): SnapshotContent["transitions"] {
  const transitions = readEach(value, LIMITS.transitions, "transitions", (entry, where) => {
    const [since, offset] = readArray(entry, 2, where);
    return [readInstant(since, where), readInteger(offset, -86_400, 86_400, where)] as const;
  });
  requireRising(transitions, (a, b) => a[0] - b[0], "transitions");
  if (transitions[0]?.[0] !== from) throw new Refused("inconsistent", "transitions");
  for (const [since] of transitions) {
    if (since >= until || since % 1000 !== 0) throw new Refused("inconsistent", "transitions");
  }
  return transitions;
}

function readSchedule(value: unknown, where: string): ScheduleEntry {
  const fields = readObject(value, where);
  const weekly = readEach(fields.weekly, 7, where, readWindows);
  if (weekly.length !== 7) throw new Refused("malformed", where);
  const dates = readEach(fields.dates, LIMITS.dates, where, (entry) => {
    const [day, windows] = readArray(entry, 2, where);
    return [readInteger(day, -1e8, 1e8, where), readWindows(windows, where)] as const;
  });
  requireRising(dates, (a, b) => a[0] - b[0], where);
  return { id: readBytes(fields.id, 16, where), weekly, dates };
}

function readWindows(value: unknown, where: string): readonly WindowEntry[] {
  const windows = readEach(value, LIMITS.windows, where, (entry) => {
    const [start, end] = readArray(entry, 2, where);
    return [readInteger(start, 0, 1439, where), readInteger(end, 1, 1440, where)] as const;
  });
  for (const [index, [start, end]] of windows.entries()) {
    const before = windows[index - 1];
    if (start >= end || (before !== undefined && before[1] > start)) throw new Refused("inconsistent", where);
  }
  return windows;
}

function readRule(value: unknown, scheduleCount: number, where: string): RuleEntry {
  const fields = readObject(value, where);
  const overrides = fields.overridesLockdown ?? false;
  const common = fields.common ?? false;
  if (typeof overrides !== "boolean" || typeof common !== "boolean") throw new Refused("malformed", where);
  return {
    number: readInteger(fields.number, 1, 0xffff_ffff, where),
    means: readInteger(fields.means, 0, ALL_KINDS, where),
    grade: readInteger(fields.grade, 0, WORST_GRADE, where),
    schedule: readOptionalIndex(fields.schedule, scheduleCount, where),
    ...readEnds(fields.from, fields.until, where),
    overridesLockdown: overrides,
    common,
  };
}

function readEnds(from: unknown, until: unknown, where: string): { from: number; until: number } {
  const ends = {
    from: from === undefined ? Number.NEGATIVE_INFINITY : readInstant(from, where),
    until: until === undefined ? Number.POSITIVE_INFINITY : readInstant(until, where),
  };
  if (ends.from >= ends.until) throw new Refused("inconsistent", where);
  return ends;
}

function readPortal(value: unknown, scheduleCount: number, where: string): PortalEntry {
  const fields = readObject(value, where);
  return {
    id: readBytes(fields.id, 16, where),
    unlockMs: readInteger(fields.unlockMs, 0, 86_400_000, where),
    heldOpenLimitMs: readInteger(fields.heldOpenLimitMs, 0, 86_400_000, where),
    unlockSchedule: readOptionalIndex(fields.unlockSchedule, scheduleCount, where),
  };
}

function readAccessPoint(value: unknown, portalCount: number, where: string): AccessPointEntry {
  const fields = readObject(value, where);
  return {
    id: readBytes(fields.id, 16, where),
    portal: readInteger(fields.portal, 0, portalCount - 1, where),
    grade: readInteger(fields.grade, 0, WORST_GRADE, where),
    pin: fields.pin === undefined ? 0 : readInteger(fields.pin, 1, PIN_USES.length - 1, where),
  };
}

function readGradeCap(value: unknown, where: string): GradeCapEntry {
  const [kind, grade, from] = readArray(value, 3, where);
  return {
    kind: readInteger(kind, 0, CREDENTIAL_KINDS.length - 1, where),
    grade: readInteger(grade, 0, WORST_GRADE, where),
    from: readInstant(from, where),
  };
}

function readGrant(value: unknown, accessPointCount: number, ruleCount: number, where: string): GrantEntry {
  const [accessPoint, rule, bits, ...dates] = readArray(value, 5, where);
  const flags = readInteger(bits, 0, KNOWN_FLAGS, where);
  const hasFrom = (flags & GRANT_FLAGS.hasFrom) !== 0;
  const hasUntil = (flags & GRANT_FLAGS.hasUntil) !== 0;
  if (dates.length !== (hasFrom ? 1 : 0) + (hasUntil ? 1 : 0)) throw new Refused("malformed", where);
  return {
    accessPoint: readInteger(accessPoint, 0, accessPointCount - 1, where),
    rule: readInteger(rule, 0, ruleCount - 1, where),
    flags: flags & ~(GRANT_FLAGS.hasFrom | GRANT_FLAGS.hasUntil),
    ...readEnds(hasFrom ? dates[0] : undefined, hasUntil ? dates[hasFrom ? 1 : 0] : undefined, where),
  };
}

function checkRows(columns: CredentialColumns, profileCount: number, where: string): void {
  const keys = viewOf(columns.keys);
  const profiles = viewOf(columns.profiles);
  const traits = viewOf(columns.traits);
  for (let row = 0; row < columns.count; row++) {
    if (row > 0 && compareKeysAt(keys, row - 1, row) >= 0) throw new Refused("inconsistent", `${where} keys`);
    if (profiles.getUint32(row * 4) >= profileCount) throw new Refused("inconsistent", `${where} profiles`);
    const bits = traits.getUint16(row * 2);
    const isKnown =
      (bits & 15) < CREDENTIAL_KINDS.length &&
      ((bits >> 4) & 7) <= WORST_GRADE &&
      bits >> 7 < STATUSES.length;
    if (!isKnown) throw new Refused("malformed", `${where} traits`);
  }
}

function compareKeysAt(keys: DataView, a: number, b: number): number {
  for (let word = 0; word < KEY_BYTES; word += 4) {
    const difference = keys.getUint32(a * KEY_BYTES + word) - keys.getUint32(b * KEY_BYTES + word);
    if (difference !== 0) return difference;
  }
  return 0;
}

function checkDates(columns: CredentialColumns, where: string): void {
  const datedRows = viewOf(columns.datedRows);
  const dates = viewOf(columns.dates);
  let before = -1;
  for (let position = 0; position * 4 < columns.datedRows.length; position++) {
    const row = datedRows.getUint32(position * 4);
    if (row <= before || row >= columns.count) throw new Refused("inconsistent", `${where} dated rows`);
    before = row;
    const values = datesAt(dates, position);
    const [from, until, residencyFrom, residencyUntil] = values;
    const isUsed = values.some((value) => Number.isFinite(value));
    if (!isUsed || !isSpan(from, until) || !isSpan(residencyFrom, residencyUntil)) {
      throw new Refused("malformed", `${where} dates`);
    }
  }
}

/** Whole milliseconds or open ends, in order; also refuses NaN and infinities at the wrong end. */
function isSpan(from: number, until: number): boolean {
  const isStart = from === Number.NEGATIVE_INFINITY || (Number.isInteger(from) && Math.abs(from) <= 8.64e15);
  const isEnd = until === Number.POSITIVE_INFINITY || (Number.isInteger(until) && Math.abs(until) <= 8.64e15);
  return isStart && isEnd && from < until && !Object.is(from, -0) && !Object.is(until, -0);
}
