import {
  AccessPointId,
  CommunityId,
  type Decision,
  GateId,
  GRADES,
  Instant,
  PIN_USES,
  PortalId,
  type Reason,
} from "@menshen/domain";
import { openIntervals } from "./calendar.ts";
import { datesAt, KEY_BYTES, viewOf } from "./columns.ts";
import { type CredentialColumns, GRANT_FLAGS, LIMITS, type SnapshotContent } from "./document.ts";
import { readDocument } from "./document-read.ts";
import { Refused, refusable } from "./reading.ts";
import {
  type LoadResult,
  ROW_FACTS,
  ROW_SPANS,
  ROW_WORDS,
  type Snapshot,
  type SnapshotTables,
  TRAITS_BITS,
} from "./snapshot.ts";
import { uuidText } from "./uuid.ts";

const DAY_MS = 86_400_000;
const DAY_S = 86_400;
/** Keys that share one entry of the directory, on average, at least. */
const KEYS_PER_BUCKET = 2;
const MOST_DIRECTORY_BITS = 16;
/** Entries of the table of first grants, at most. */
const FIRST_GRANTS_PER_CREDENTIAL = 4;

/**
 * Loads a snapshot document: decoded CBOR with maps as plain objects, as hostile as it may be. Work and memory are bounded by
 * the document's size and `LIMITS`.
 */
export function loadSnapshot(document: unknown): LoadResult {
  const result = refusable(() => build(readDocument(document)));
  return result.ok ? { ok: true, snapshot: result.value } : result;
}

function build(content: SnapshotContent): Snapshot {
  const accessPointIds = content.accessPoints.map(({ id }) => AccessPointId(uuidText(id)));
  const portalIds = content.portals.map(({ id }) => PortalId(uuidText(id)));
  return {
    version: content.version,
    gateId: GateId(uuidText(content.gate)),
    communityId: CommunityId(uuidText(content.community)),
    from: Instant(content.from),
    until: Instant(content.until),
    timeZone: content.timeZone,
    portals: content.portals.map(({ unlockMs, heldOpenLimitMs }, index) => ({
      id: entryAt(portalIds, index),
      unlockMs,
      heldOpenLimitMs,
    })),
    accessPoints: content.accessPoints.map(({ portal, grade, pin }, index) => ({
      id: entryAt(accessPointIds, index),
      portalId: entryAt(portalIds, portal),
      minimumGrade: entryAt(GRADES, grade),
      pinUse: entryAt(PIN_USES, pin),
    })),
    credentialCount: content.credentials.count,
    tables: {
      accessPointIndex: new Map(accessPointIds.map((id, index) => [id, index])),
      portalIndex: new Map(portalIds.map((id, index) => [id, index])),
      scheduleIndex: new Map(content.schedules.map(({ id }, index) => [uuidText(id), index])),
      accessPointPortal: Uint16Array.from(content.accessPoints, ({ portal }) => portal),
      accessPointGrade: Uint8Array.from(content.accessPoints, ({ grade }) => grade),
      accessPointPin: Uint8Array.from(content.accessPoints, ({ pin }) => pin),
      portalSchedule: Int32Array.from(content.portals, ({ unlockSchedule }) => unlockSchedule),
      ...ruleTables(content),
      ...scheduleTables(content),
      capKind: Uint8Array.from(content.gradeCaps, ({ kind }) => kind),
      capGrade: Uint8Array.from(content.gradeCaps, ({ grade }) => grade),
      capFrom: Float64Array.from(content.gradeCaps, ({ from }) => from),
      ...grantTables(content),
      firstGrants: firstGrantsOf(content),
      ...credentialTables(content.credentials),
    },
  };
}

/** An entry whose index was checked while reading. */
function entryAt<Entry>(entries: readonly Entry[], index: number): Entry {
  const entry = entries[index];
  if (entry === undefined) throw new Refused("inconsistent", "index");
  return entry;
}

function ruleTables({ rules }: SnapshotContent) {
  return {
    ruleNumber: Uint32Array.from(rules, ({ number }) => number),
    ruleGrants: rules.map(({ number }) => grantBy(number)),
    ruleMeans: Uint16Array.from(rules, ({ means }) => means),
    ruleGrade: Uint8Array.from(rules, ({ grade }) => grade),
    ruleSchedule: Int32Array.from(rules, ({ schedule }) => schedule),
    ruleFrom: Float64Array.from(rules, ({ from }) => from),
    ruleUntil: Float64Array.from(rules, ({ until }) => until),
    ruleOverrides: Uint8Array.from(rules, ({ overridesLockdown }) => (overridesLockdown ? 1 : 0)),
    commonRules: new Set(rules.flatMap(({ number, common }) => (common ? [number] : []))),
  };
}

/** Frozen, since every grant by this rule answers with the same object. */
function grantBy(rule: number): Decision {
  const reasons: readonly Reason[] = Object.freeze([Object.freeze({ code: "rule-allows", rule } as const)]);
  return Object.freeze({ granted: true, reasons });
}

/** Lays every schedule out over the snapshot's life, so that a decision needs neither calendar nor time zone. */
function scheduleTables({ schedules, transitions, from, until }: SnapshotContent) {
  requireModestCalendar(schedules, until - from);
  const open = schedules.map((schedule) => openIntervals(schedule, transitions, from, until));
  const edges = open.flat();
  const secondsAt = (ms: number | undefined) => ((ms ?? 0) - from) / 1000;
  const scheduleStart = startsOf(open.map((set) => set.length / 2));
  const opens = Uint32Array.from({ length: edges.length / 2 }, (_, index) => secondsAt(edges[index * 2]));
  const dayCount = Math.ceil((until - from) / DAY_MS);
  return {
    scheduleStart,
    opens,
    closes: Uint32Array.from({ length: edges.length / 2 }, (_, index) => secondsAt(edges[index * 2 + 1])),
    dayStart: dayStarts(scheduleStart, opens, dayCount),
    dayCount,
  };
}

function dayStarts(scheduleStart: Uint32Array, opens: Uint32Array, dayCount: number): Uint32Array {
  const scheduleCount = scheduleStart.length - 1;
  const starts = new Uint32Array(scheduleCount * (dayCount + 1));
  for (let schedule = 0; schedule < scheduleCount; schedule++) {
    const end = scheduleStart[schedule + 1] ?? 0;
    let next = scheduleStart[schedule] ?? 0;
    for (let day = 0; day <= dayCount; day++) {
      while (next < end && (opens[next] ?? 0) < day * DAY_S) next += 1;
      starts[schedule * (dayCount + 1) + day] = next;
    }
  }
  return starts;
}

/** Bounds the laying out before it is done. */
function requireModestCalendar(schedules: SnapshotContent["schedules"], lifeMs: number): void {
  const days = lifeMs / DAY_MS + 2;
  let most = 0;
  for (const { weekly, dates } of schedules) {
    // Its windows, and one entry of its index of days.
    most += (weekly.reduce((sum, windows) => sum + windows.length, 0) / 7 + 1) * days;
    most += dates.reduce((sum, [, windows]) => sum + windows.length, 0);
  }
  if (most > LIMITS.openIntervals) throw new Refused("too-large", "schedules");
}

function grantTables({ profiles }: SnapshotContent) {
  const grants = profiles.flat();
  return {
    profileStart: startsOf(profiles.map((profile) => profile.length)),
    grantAccessPoint: Uint16Array.from(grants, ({ accessPoint }) => accessPoint),
    grantRule: Uint16Array.from(grants, ({ rule }) => rule),
    grantFlags: Uint8Array.from(
      grants,
      ({ flags, from, until }) =>
        flags |
        (from === Number.NEGATIVE_INFINITY ? 0 : GRANT_FLAGS.hasFrom) |
        (until === Number.POSITIVE_INFINITY ? 0 : GRANT_FLAGS.hasUntil),
    ),
    grantFrom: Float64Array.from(grants, ({ from }) => from),
    grantUntil: Float64Array.from(grants, ({ until }) => until),
  };
}

/** Spares the search among a profile's grants, where the table is small beside the credentials. */
function firstGrantsOf({ profiles, accessPoints, credentials }: SnapshotContent): Uint32Array {
  const size = profiles.length * accessPoints.length;
  if (size > credentials.count * FIRST_GRANTS_PER_CREDENTIAL) return new Uint32Array();
  const first = new Uint32Array(size);
  let next = 0;
  for (const [profile, grants] of profiles.entries()) {
    const end = next + grants.length;
    for (let accessPoint = 0; accessPoint < accessPoints.length; accessPoint++) {
      first[profile * accessPoints.length + accessPoint] = next;
      while (next < end && grants[grants.length - (end - next)]?.accessPoint === accessPoint) next += 1;
    }
  }
  return first;
}

function credentialTables(
  columns: CredentialColumns,
): Pick<SnapshotTables, "rows" | "spans" | "directory" | "directoryBits"> {
  const { count } = columns;
  const [keys, profiles, traits] = [viewOf(columns.keys), viewOf(columns.profiles), viewOf(columns.traits)];
  const rows = new Uint32Array(count * ROW_WORDS);
  for (let row = 0; row < count; row++) {
    const at = row * ROW_WORDS;
    for (let word = 0; word < 4; word++) rows[at + word] = keys.getUint32(row * KEY_BYTES + word * 4);
    // INVARIANT: both were checked while reading: fewer profiles than the bits that are left, traits of nine bits.
    rows[at + ROW_FACTS] = (profiles.getUint32(row * 4) << TRAITS_BITS) | traits.getUint16(row * 2);
  }
  const datedRows = viewOf(columns.datedRows);
  const datesView = viewOf(columns.dates);
  const spans = new SpanTable();
  for (let position = 0; position * 4 < columns.datedRows.length; position++) {
    const at = datedRows.getUint32(position * 4) * ROW_WORDS + ROW_SPANS;
    const [from, until, residencyFrom, residencyUntil] = datesAt(datesView, position);
    rows[at] = spans.indexOf(from, until);
    rows[at + 1] = spans.indexOf(residencyFrom, residencyUntil);
  }
  const bits = Math.ceil(Math.log2(Math.max(1, count / KEYS_PER_BUCKET)));
  const directoryBits = Math.min(Math.max(0, bits), MOST_DIRECTORY_BITS);
  return { rows, spans: spans.toTable(), directory: directoryOf(rows, count, directoryBits), directoryBits };
}

/** Gives equal spans one index. */
class SpanTable {
  readonly #numbers: number[] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  readonly #known = new Map([[Number.NEGATIVE_INFINITY, new Map([[Number.POSITIVE_INFINITY, 0]])]]);

  indexOf(from: number, until: number): number {
    const known = this.#known.get(from) ?? new Map<number, number>();
    this.#known.set(from, known);
    let index = known.get(until);
    if (index === undefined) {
      index = this.#numbers.push(from, until) / 2 - 1;
      known.set(until, index);
    }
    return index;
  }

  toTable(): Float64Array {
    return Float64Array.from(this.#numbers);
  }
}

function directoryOf(rows: Uint32Array, count: number, bits: number): Uint32Array {
  const directory = new Uint32Array(2 ** bits + 1).fill(count);
  let next = 0;
  for (let row = 0; row < count; row++) {
    const bucket = bits === 0 ? 0 : (rows[row * ROW_WORDS] ?? 0) >>> (32 - bits);
    while (next <= bucket) directory[next++] = row;
  }
  return directory;
}

/** Where each of several lists begins in one array, and the array's length at the end. */
function startsOf(lengths: readonly number[]): Uint32Array {
  const starts = new Uint32Array(lengths.length + 1);
  for (const [index, length] of lengths.entries()) starts[index + 1] = (starts[index] ?? 0) + length;
  return starts;
}
