/**
 * The policy snapshot as it travels: plain maps with text keys, arrays, integers, text and byte columns, ready for
 * deterministic CBOR. docs/protocol/policy-snapshot.md gives the same as CDDL, with the meaning of every field.
 */
export interface SnapshotDocument {
  /** Form of this document: 1. */
  readonly format: 1;
  /** Whole, from 1; only rises for one gate. */
  readonly version: number;
  /** 16 bytes each. */
  readonly gate: Uint8Array;
  readonly community: Uint8Array;
  /** Unix milliseconds. Local time is known for `from` ≤ t < `until` only. */
  readonly from: number;
  readonly until: number;
  readonly timeZone: string;
  /** `[since, offset from UTC in seconds]`, sorted; the first begins at `from`. */
  readonly transitions: readonly (readonly [number, number])[];
  readonly schedules: readonly ScheduleEntry[];
  readonly rules: readonly RuleEntry[];
  readonly portals: readonly PortalEntry[];
  readonly accessPoints: readonly AccessPointEntry[];
  /** `[kind index, grade rank, from]`. */
  readonly gradeCaps: readonly (readonly [number, number, number])[];
  /** Sets of grants that credentials share. */
  readonly profiles: readonly ProfileEntry[];
  readonly credentials: CredentialColumns;
}

/** `[start minute, end minute]` of the local day. */
export type WindowEntry = readonly [number, number];

export interface ScheduleEntry {
  readonly id: Uint8Array;
  /** `[weekday 1..7, start minute, end minute]`. */
  readonly weekly: readonly (readonly [number, number, number])[];
  /** `[days since 1970-01-01, windows]`: holidays and exceptions, already resolved to dates. */
  readonly dates: readonly (readonly [number, readonly WindowEntry[]])[];
}

export interface RuleEntry {
  readonly number: number;
  /** Index of a schedule; absent: always. */
  readonly schedule?: number;
  /** Bit n: credential kind n is allowed. */
  readonly means: number;
  /** Rank of the minimum grade, 0 for A to 4 for E. */
  readonly grade: number;
  readonly from?: number;
  readonly until?: number;
  readonly overridesLockdown: boolean;
}

export interface PortalEntry {
  readonly id: Uint8Array;
  readonly unlockMs: number;
  readonly heldOpenLimitMs: number;
  readonly unlockSchedule?: number;
}

export interface AccessPointEntry {
  readonly id: Uint8Array;
  /** Index of its portal. */
  readonly portal: number;
  readonly grade: number;
}

/**
 * `[access point index, rule index, flags, from?, until?]`. The two instants stand there as the flags say and narrow
 * the rule's validity.
 */
export type GrantEntry = readonly number[];
export type ProfileEntry = readonly GrantEntry[];

/** Meaning of the bits in `GrantEntry[2]`. */
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

/** One row per credential, sorted by key; numbers are big-endian. */
export interface CredentialColumns {
  /** 16 bytes a row. */
  readonly keys: Uint8Array;
  /** 4 bytes a row: index of the profile. */
  readonly profiles: Uint8Array;
  /** 2 bytes a row: kind in bits 0..3, grade rank in bits 4..6, status in bits 7..8 (0 active, 1 blocked, 2 lost). */
  readonly traits: Uint8Array;
  /** 4 bytes for every row that has dates: its index, rising. */
  readonly datedRows: Uint8Array;
  /**
   * 32 bytes for every row that has dates: the credential's from and until, the residency's from and until, as
   * binary64 whole milliseconds; −∞ and +∞ stand for open ends.
   */
  readonly dates: Uint8Array;
}

/** What turns the document of version `baseVersion` into the one of version `version`. */
export interface SnapshotDelta {
  readonly format: 1;
  readonly gate: Uint8Array;
  readonly baseVersion: number;
  readonly version: number;
  /** New values of the top-level fields that changed, except version, profiles and credentials. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Top-level fields that are gone. */
  readonly dropped: readonly string[];
  /** Indexes in the base, rising. */
  readonly profilesRemoved: readonly number[];
  /** `[index in the result, profile]`, rising. */
  readonly profilesAdded: readonly (readonly [number, ProfileEntry])[];
  /** Keys of rows that are gone, 16 bytes each, sorted. */
  readonly credentialsRemoved: Uint8Array;
  /** Rows that are new or changed; profile indexes are those of the result. */
  readonly credentialsChanged: CredentialColumns;
}
