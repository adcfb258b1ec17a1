import type { Json, OptionalTimestamp, Timestamp } from "./column-types.ts";

export interface NamingDecisionTable {
  readonly id: string;
  readonly scope: string;
  readonly days: number;
  readonly from_at: Timestamp;
  readonly until_at: OptionalTimestamp;
  readonly notice: string | null;
  readonly title: string | null;
  readonly document_number: string | null;
  /** Hexadecimal. */
  readonly minutes_sha256: string | null;
  /** `YYYY-MM-DD` */
  readonly voted_on: string | null;
  readonly vote: Json<unknown> | null;
  readonly recorded_at: Timestamp;
  readonly recorded_by: string;
  readonly confirmed_at: OptionalTimestamp;
  readonly confirmed_by: string | null;
  readonly withdrawn_at: OptionalTimestamp;
  readonly withdrawn_by: string | null;
  readonly leaf_id: string | null;
}

export interface NamingEvidenceTable {
  readonly decision_id: string;
  readonly statement: string;
  readonly salt: Uint8Array;
  readonly leaf_index: number;
  readonly tree_size: number;
  readonly proof: Uint8Array;
  readonly checkpoint: string;
  readonly proven_at: Timestamp;
}

export interface NamingToldTable {
  readonly person_id: string;
  /** `YYYY-MM-DD` */
  readonly told_on: string;
  readonly how: string;
  readonly recorded_at: Timestamp;
  readonly recorded_by: string;
}

export interface DeskKeyTable {
  readonly id: Uint8Array;
  readonly decision_id: string;
  readonly day: Timestamp;
  readonly from_at: Timestamp;
  readonly until_at: Timestamp;
  readonly public_key: Uint8Array;
  readonly sealed: Uint8Array;
  readonly destroy_at: Timestamp;
}

/** Tables of the naming slice. */
export interface NamingTables {
  readonly naming_decision: NamingDecisionTable;
  readonly naming_evidence: NamingEvidenceTable;
  readonly naming_told: NamingToldTable;
  readonly "keys.desk_key": DeskKeyTable;
}
