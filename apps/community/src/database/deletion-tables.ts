import type { Generated } from "kysely";
import type { OptionalTimestamp, Timestamp } from "./column-types.ts";

export interface DeletionTable {
  readonly id: string;
  readonly person_id: string;
  readonly ground: string;
  readonly begun_at: Timestamp;
  readonly sealed_until: Timestamp;
  readonly records_until: Timestamp;
  readonly credential_keys: Uint8Array[];
  readonly code_hash: Uint8Array | null;
  readonly closed_at: OptionalTimestamp;
}

export interface DeletionStoreTable {
  readonly deletion_id: string;
  readonly store: string;
  readonly at: OptionalTimestamp;
}

export interface DeletionGateTable {
  readonly deletion_id: string;
  readonly gate_id: string;
  readonly name: string;
  readonly state: Generated<string>;
  readonly at: OptionalTimestamp;
  readonly device_key: Uint8Array | null;
  readonly receipt: Uint8Array | null;
}

export interface DeletionCodeTable {
  readonly person_id: string;
  readonly code_hash: Uint8Array;
}

/** Tables about deletions of persons. */
export interface DeletionTables {
  readonly deletion: DeletionTable;
  readonly deletion_store: DeletionStoreTable;
  readonly deletion_gate: DeletionGateTable;
  readonly deletion_code: DeletionCodeTable;
}
