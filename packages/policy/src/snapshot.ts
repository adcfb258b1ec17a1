import type {
  AccessPointId,
  CommunityId,
  Decision,
  GateId,
  Grade,
  Instant,
  PinUse,
  PortalId,
} from "@menshen/domain";

/** A loaded, checked snapshot: what `decide` reads. Never changed after loading. */
export interface Snapshot {
  readonly version: number;
  readonly gateId: GateId;
  readonly communityId: CommunityId;
  /** Local time is known for `from` ≤ t < `until`; after that only unrestricted rules answer. */
  readonly from: Instant;
  readonly until: Instant;
  readonly timeZone: string;
  readonly portals: readonly SnapshotPortal[];
  readonly accessPoints: readonly SnapshotAccessPoint[];
  readonly credentialCount: number;
  /** Internal to this package. */
  readonly tables: SnapshotTables;
}

export interface SnapshotPortal {
  readonly id: PortalId;
  readonly unlockMs: number;
  readonly heldOpenLimitMs: number;
}

export interface SnapshotAccessPoint {
  readonly id: AccessPointId;
  readonly portalId: PortalId;
  readonly minimumGrade: Grade;
  readonly pinUse: PinUse;
}

/** Words of one credential's record in `rows`; the first four are its key. */
export const ROW_WORDS = 7;
/** Index of its profile and, in the lowest `TRAITS_BITS`, its traits. */
export const ROW_FACTS = 4;
export const TRAITS_BITS = 9;
/** Index into `spans` of the credential's own dates; that of its residency's follows. */
export const ROW_SPANS = 5;

/**
 * The tables behind a snapshot, all numbers: rows of credentials sorted by key, grants by profile, open times by
 * schedule. A list of lists is one array and the positions where each begins.
 */
export interface SnapshotTables {
  readonly accessPointIndex: ReadonlyMap<string, number>;
  readonly portalIndex: ReadonlyMap<string, number>;
  readonly scheduleIndex: ReadonlyMap<string, number>;
  readonly accessPointPortal: Uint16Array;
  readonly accessPointGrade: Uint8Array;
  /** Positions in `PIN_USES`. */
  readonly accessPointPin: Uint8Array;
  /** −1: none. */
  readonly portalSchedule: Int32Array;

  readonly ruleNumber: Uint32Array;
  /** What a grant by this rule answers, made once. */
  readonly ruleGrants: readonly Decision[];
  readonly ruleMeans: Uint16Array;
  readonly ruleGrade: Uint8Array;
  /** −1: always. */
  readonly ruleSchedule: Int32Array;
  readonly ruleFrom: Float64Array;
  readonly ruleUntil: Float64Array;
  readonly ruleOverrides: Uint8Array;
  /** Numbers of the rules that select so many persons that to name one of them names nobody. */
  readonly commonRules: ReadonlySet<number>;

  readonly scheduleStart: Uint32Array;
  /** Seconds since `from`. */
  readonly opens: Uint32Array;
  readonly closes: Uint32Array;
  /** For each schedule and each day since `from`, one more at the end: the first interval that opens on it or later. */
  readonly dayStart: Uint32Array;
  readonly dayCount: number;

  readonly capKind: Uint8Array;
  readonly capGrade: Uint8Array;
  readonly capFrom: Float64Array;

  readonly profileStart: Uint32Array;
  /** For each profile and access point its first grant there, or where it would stand; empty if that took much memory. */
  readonly firstGrants: Uint32Array;
  readonly grantAccessPoint: Uint16Array;
  readonly grantRule: Uint16Array;
  /** Sum of `GRANT_FLAGS`; the dates below are looked at only where a flag says that there are any. */
  readonly grantFlags: Uint8Array;
  readonly grantFrom: Float64Array;
  readonly grantUntil: Float64Array;

  /** One short record for each credential, sorted by key, so that a tap touches one place in memory. */
  readonly rows: Uint32Array;
  /** From and until of each distinct validity: communities have few. The first is without ends. */
  readonly spans: Float64Array;
  /** Row at which the keys with each leading `directoryBits` begin, and the number of rows at the end. */
  readonly directory: Uint32Array;
  readonly directoryBits: number;
}

/** Why a document or delta was refused. `where` names the field, never its content. */
export interface DocumentFault {
  readonly code: "malformed" | "unknown-version" | "too-large" | "inconsistent" | "base-mismatch";
  readonly where: string;
}

export type LoadResult =
  | { readonly ok: true; readonly snapshot: Snapshot }
  | { readonly ok: false; readonly error: DocumentFault };

/** The memory of a snapshot's tables, to hand it to another thread instead of copying it. */
export function snapshotBuffers(snapshot: Snapshot): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  for (const table of Object.values(snapshot.tables)) {
    if (ArrayBuffer.isView(table) && table.buffer instanceof ArrayBuffer) buffers.add(table.buffer);
  }
  return [...buffers];
}

/** Restores what a snapshot loses on its way to another thread: the answers that all grants share are frozen. */
export function refreezeSnapshot(snapshot: Snapshot): Snapshot {
  for (const grant of snapshot.tables.ruleGrants) {
    for (const reason of grant.reasons) Object.freeze(reason);
    Object.freeze(grant.reasons);
    Object.freeze(grant);
  }
  return snapshot;
}

/** Bytes of all tables of a snapshot: credentials, profiles, schedules and the rest. */
export function snapshotBytes(snapshot: Snapshot): number {
  const buffers = new Set<ArrayBufferLike>();
  for (const table of Object.values(snapshot.tables))
    if (ArrayBuffer.isView(table)) buffers.add(table.buffer);
  let bytes = 0;
  for (const { byteLength } of buffers) bytes += byteLength;
  return bytes;
}

/**
 * The row of a 16-byte credential key, or −1. A sorted column with a directory of leading bits: no crafted key costs
 * more than a binary search, which a hash table could not promise.
 */
export function findRow(tables: SnapshotTables, key: Uint8Array): number {
  const head = wordAt(key, 0);
  const { rows, directory, directoryBits } = tables;
  const bucket = directoryBits === 0 ? 0 : head >>> (32 - directoryBits);
  let low = directory[bucket] ?? 0;
  let high = (directory[bucket + 1] ?? 0) - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const order = head - (rows[middle * ROW_WORDS] ?? 0) || compareTail(rows, middle * ROW_WORDS, key);
    if (order === 0) return middle;
    if (order < 0) high = middle - 1;
    else low = middle + 1;
  }
  return -1;
}

/** Whether the snapshot has this credential (16 bytes), whatever its state. */
export function knowsCredential({ tables }: Snapshot, credentialKey: Uint8Array): boolean {
  return findRow(tables, credentialKey) >= 0;
}

/** Index of a row's profile. */
export function rowProfile({ rows }: SnapshotTables, row: number): number {
  return (rows[row * ROW_WORDS + ROW_FACTS] ?? 0) >>> TRAITS_BITS;
}

/** Kind in bits 0..3, grade rank in bits 4..6, status in bits 7..8. */
export function rowTraits({ rows }: SnapshotTables, row: number): number {
  return (rows[row * ROW_WORDS + ROW_FACTS] ?? 0) & (2 ** TRAITS_BITS - 1);
}

/** Parts 0 and 1: from and until of the credential; 2 and 3: from and until of the residency. */
export function rowDate({ rows, spans }: SnapshotTables, row: number, part: 0 | 1 | 2 | 3): number {
  const span = rows[row * ROW_WORDS + ROW_SPANS + (part >> 1)] ?? 0;
  return spans[span * 2 + (part & 1)] ?? 0;
}

function compareTail(rows: Uint32Array, at: number, key: Uint8Array): number {
  return (
    wordAt(key, 4) - (rows[at + 1] ?? 0) ||
    wordAt(key, 8) - (rows[at + 2] ?? 0) ||
    wordAt(key, 12) - (rows[at + 3] ?? 0)
  );
}

function wordAt(key: Uint8Array, at: number): number {
  return (
    (((key[at] ?? 0) << 24) | ((key[at + 1] ?? 0) << 16) | ((key[at + 2] ?? 0) << 8) | (key[at + 3] ?? 0)) >>>
    0
  );
}
