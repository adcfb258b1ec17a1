/**
 * What documents are made of: what deterministic CBOR can say without floats, tags and null, with maps as plain objects.
 * docs/protocol/policy-snapshot.md gives the documents as CDDL, with the meaning of every field.
 */
export type PlainValue = number | boolean | string | Uint8Array | readonly PlainValue[] | PlainMap;
export interface PlainMap {
  readonly [key: string]: PlainValue;
}

/** The form of documents and deltas that this code reads and writes. */
export const FORMAT = 1;

/** The policy snapshot as it travels and is stored; fields that this code does not know stay in it. */
export interface SnapshotDocument extends PlainMap {
  readonly format: typeof FORMAT;
  /** Whole, from 1; only rises for one gate. */
  readonly version: number;
}

/** What turns the document of one version into that of another. */
export interface SnapshotDelta extends PlainMap {
  readonly format: typeof FORMAT;
  readonly baseVersion: number;
  readonly version: number;
}

/** Most of each that a document may hold; more is refused as `too-large`. */
export const LIMITS = {
  /** Top-level fields of a document. */
  fields: 256,
  lifeMs: 3_660 * 86_400_000,
  transitions: 1_000,
  schedules: 1_000,
  /** Windows of one day. */
  windows: 48,
  /** Special dates of one schedule. */
  dates: 4_000,
  rules: 10_000,
  portals: 256,
  accessPoints: 1_024,
  gradeCaps: 256,
  profiles: 1_000_000,
  /** Grants of one profile at one access point. */
  grantsPerAccessPoint: 64,
  grants: 8_000_000,
  credentials: 1_000_000,
  /** Open intervals of all schedules over the whole life. */
  openIntervals: 4_000_000,
} as const;

/**
 * A rule that lets fewer persons than these through a gate is not named in its journal: whoever knows the rules would
 * know who went through.
 */
export const COMMON_RULE_PERSONS = 10;

/** Meaning of the bits in a grant's flags. */
export const GRANT_FLAGS = {
  /** Holds only within the credential's residency dates. */
  residencyDates: 1,
  /** The holder matched as resident or staff: passes at lockdown level 1. */
  resident: 2,
  /** Grade caps do not count: they would close the holder's last way in. */
  capsWaived: 4,
  hasFrom: 8,
  hasUntil: 16,
} as const;

/** Statuses by their number in a row's traits. `lost`: reported lost, or its holder left with it. */
export const STATUSES = ["active", "blocked", "lost"] as const;

/** The same content with names and types, after checking. Instants are Unix milliseconds, open ends are infinite. */
export interface SnapshotContent {
  readonly version: number;
  readonly gate: Uint8Array;
  readonly community: Uint8Array;
  readonly from: number;
  readonly until: number;
  readonly timeZone: string;
  /** `[since, offset from UTC in seconds]`, rising; the first at or before `from`. */
  readonly transitions: readonly (readonly [number, number])[];
  readonly schedules: readonly ScheduleEntry[];
  readonly rules: readonly RuleEntry[];
  readonly portals: readonly PortalEntry[];
  readonly accessPoints: readonly AccessPointEntry[];
  readonly gradeCaps: readonly GradeCapEntry[];
  readonly profiles: readonly (readonly GrantEntry[])[];
  readonly credentials: CredentialColumns;
}

/** `[start minute, end minute]` of the local day. */
export type WindowEntry = readonly [number, number];

export interface ScheduleEntry {
  readonly id: Uint8Array;
  /** Windows of Monday to Sunday. */
  readonly weekly: readonly (readonly WindowEntry[])[];
  /** `[days since 1970-01-01, windows]`, rising: holidays and exceptions, resolved to dates. */
  readonly dates: readonly (readonly [number, readonly WindowEntry[]])[];
}

export interface RuleEntry {
  readonly number: number;
  /** Bit n: credential kind n is allowed. */
  readonly means: number;
  /** Rank of the minimum grade, 0 for A to 4 for E. */
  readonly grade: number;
  /** Index; −1: always. */
  readonly schedule: number;
  readonly from: number;
  readonly until: number;
  readonly overridesLockdown: boolean;
  /** It selects so many persons that its number names nobody; see `COMMON_RULE_PERSONS`. */
  readonly common: boolean;
}

export interface PortalEntry {
  readonly id: Uint8Array;
  readonly unlockMs: number;
  readonly heldOpenLimitMs: number;
  /** Index; −1: none. */
  readonly unlockSchedule: number;
}

export interface AccessPointEntry {
  readonly id: Uint8Array;
  /** Index of its portal. */
  readonly portal: number;
  readonly grade: number;
  /** Position in `PIN_USES`. */
  readonly pin: number;
}

export interface GradeCapEntry {
  /** Index of the credential kind. */
  readonly kind: number;
  readonly grade: number;
  readonly from: number;
}

/** That a rule lets the holder through an access point, within dates of its own. */
export interface GrantEntry {
  readonly accessPoint: number;
  readonly rule: number;
  /** Sum of `GRANT_FLAGS` without `hasFrom` and `hasUntil`. */
  readonly flags: number;
  readonly from: number;
  readonly until: number;
}

/** One row per credential, rising by key. */
export interface CredentialColumns {
  readonly count: number;
  /** 16 bytes a row. */
  readonly keys: Uint8Array;
  /** 4 bytes a row: index of the profile. */
  readonly profiles: Uint8Array;
  /** 2 bytes a row: kind in bits 0..3, grade rank in bits 4..6, status in bits 7..8. */
  readonly traits: Uint8Array;
  /** 4 bytes for every row that has dates: its index, rising. */
  readonly datedRows: Uint8Array;
  /** 32 bytes for every such row: from and until of the credential, then of the residency, as binary64. */
  readonly dates: Uint8Array;
}
