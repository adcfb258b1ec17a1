import type { Generated } from "kysely";
import type { OptionalTimestamp, Timestamp } from "./column-types.ts";

export interface EpochGridTable {
  readonly only_row: Generated<boolean>;
  readonly anchor: Timestamp;
  readonly epoch_ms: number;
}

export interface CustodySettingTable {
  readonly only_row: Generated<boolean>;
  readonly retention_days: number;
  readonly revision: Generated<number>;
}

export interface CustodianSetTable {
  readonly version: number;
  readonly encoded: Uint8Array;
  readonly proposed_at: Timestamp;
  readonly in_force_since: OptionalTimestamp;
}

export interface CustodianEndorsementTable {
  readonly version: number;
  readonly custodian: number;
  readonly signature: Uint8Array;
}

export interface CustodianTable {
  readonly version: number;
  readonly custodian: number;
  readonly body: string;
  /** Ed25519, 32 bytes. */
  readonly identity_key: Uint8Array;
  readonly last_seen_at: OptionalTimestamp;
}

export interface CustodianNonceTable {
  readonly identity_key: Uint8Array;
  readonly nonce: Uint8Array;
  readonly expires_at: Timestamp;
}

export interface CustodyCeremonyTable {
  readonly id: string;
  readonly set_version: number;
  readonly ceremony_id: Uint8Array;
  readonly first_epoch: number;
  readonly epoch_count: number;
  readonly state: string;
  readonly started_at: Timestamp;
  readonly expires_at: Timestamp;
  readonly ended_at: OptionalTimestamp;
  readonly failure: string | null;
  readonly named: number[] | null;
  readonly certificate: Uint8Array | null;
  /** The motion for whose ballots it makes the key; of epochs otherwise. */
  readonly motion_id: string | null;
}

export interface CustodySeatTable {
  readonly ceremony: string;
  readonly custodian: number;
  readonly public_key: Uint8Array;
  readonly signature: Uint8Array;
  readonly vouch: Uint8Array | null;
  readonly failure: string | null;
  readonly named: number[] | null;
  readonly objection: Generated<Uint8Array | null>;
}

export interface CustodyMessageTable {
  readonly position: Generated<number>;
  readonly ceremony: string;
  readonly custodian: number;
  readonly message: Uint8Array;
}

export interface CustodyReceiptTable {
  readonly ceremony: string;
  readonly epoch: number;
  readonly custodian: number;
  readonly destroyed_at: Timestamp;
  readonly signature: Uint8Array;
  readonly leaf_id: string;
  readonly received_at: Timestamp;
}

export interface WitnessPolicyTable {
  readonly version: number;
  readonly encoded: Uint8Array;
  readonly proposed_at: Timestamp;
  readonly in_force_since: OptionalTimestamp;
  readonly endorsed_by: number | null;
}

export interface WitnessPolicyEndorsementTable {
  readonly version: number;
  readonly set_version: number;
  readonly custodian: number;
  readonly signature: Uint8Array;
}

export interface CustodyTables {
  readonly witness_policy: WitnessPolicyTable;
  readonly witness_policy_endorsement: WitnessPolicyEndorsementTable;
  readonly epoch_grid: EpochGridTable;
  readonly custody_setting: CustodySettingTable;
  readonly custodian_set: CustodianSetTable;
  readonly custodian_endorsement: CustodianEndorsementTable;
  readonly custodian: CustodianTable;
  readonly custodian_nonce: CustodianNonceTable;
  readonly custody_ceremony: CustodyCeremonyTable;
  readonly custody_seat: CustodySeatTable;
  readonly custody_message: CustodyMessageTable;
  readonly custody_receipt: CustodyReceiptTable;
}
