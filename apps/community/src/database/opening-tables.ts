import type { Generated } from "kysely";
import type { OptionalTimestamp, Timestamp } from "./column-types.ts";

export interface OpeningSettingTable {
  readonly only_row: Generated<boolean>;
  readonly seal_max_days: number;
}

export interface OpeningDocumentTable {
  readonly sha256: Uint8Array;
  readonly kind: string;
  readonly sealed: Uint8Array;
  readonly handed_in_at: Timestamp;
  readonly staff_id: string;
}

export interface OpeningTable {
  readonly id: string;
  readonly state: Generated<string>;
  readonly path: string;
  readonly requested_at: Timestamp;
  readonly deadline: Timestamp;
  readonly seal_until: Timestamp;
  readonly statement: string;
  readonly leaf_id: string;
  readonly staff_id: string;
  readonly ended_at: OptionalTimestamp;
  readonly opened_count: number | null;
  readonly result: Uint8Array | null;
  readonly handed_over_at: OptionalTimestamp;
  readonly concerned: Uint8Array | null;
  readonly disclosed_at: OptionalTimestamp;
  readonly review_due_at: OptionalTimestamp;
  readonly reviewed_at: OptionalTimestamp;
  readonly review_outcome: string | null;
  readonly forgotten_count: Generated<number>;
  readonly hold_until: OptionalTimestamp;
  readonly hold_ended_at: OptionalTimestamp;
  readonly held_by: string | null;
}

export interface OpeningHeldTable {
  readonly opening_id: string;
  readonly position: number;
  readonly custodian: number;
  readonly ceremony: string;
  readonly held: Uint8Array;
}

export interface OpeningHeldPartialTable {
  readonly opening_id: string;
  readonly position: number;
  readonly held_custodian: number;
  readonly custodian: number;
  readonly sealed: Uint8Array;
}

export interface OpeningEntryTable {
  readonly opening_id: string;
  readonly position: number;
  readonly gate_id: string;
  readonly sequence: number;
  readonly entry: Uint8Array;
  readonly ceremony: string | null;
  readonly unopened: string | null;
  readonly received_at: Timestamp;
}

export interface OpeningCustodianTable {
  readonly opening_id: string;
  readonly set_version: number;
  readonly custodian: number;
  readonly body: string;
  readonly on_call: boolean;
  readonly refused: string | null;
  readonly reminded_at: OptionalTimestamp;
  readonly late_at: OptionalTimestamp;
  readonly asked_again_at: OptionalTimestamp;
  readonly answered_count: Generated<number>;
  readonly rejected_count: Generated<number>;
}

export interface OpeningPartialTable {
  readonly opening_id: string;
  readonly position: number;
  readonly custodian: number;
  readonly sealed: Uint8Array;
}

export interface OpeningDisclosureTable {
  readonly opening_id: string;
  readonly person_id: string;
  readonly entry_count: number;
}

/** Of `features/opening`. */
export interface OpeningTables {
  readonly opening_setting: OpeningSettingTable;
  readonly opening_document: OpeningDocumentTable;
  readonly opening: OpeningTable;
  readonly opening_entry: OpeningEntryTable;
  readonly opening_custodian: OpeningCustodianTable;
  readonly opening_partial: OpeningPartialTable;
  readonly opening_disclosure: OpeningDisclosureTable;
  readonly opening_held: OpeningHeldTable;
  readonly opening_held_partial: OpeningHeldPartialTable;
}
