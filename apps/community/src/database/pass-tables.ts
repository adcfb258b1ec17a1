import type { Generated } from "kysely";
import type { Json, OptionalTimestamp, Timestamp } from "./column-types.ts";

export interface PassSettingTable {
  readonly only_row: Generated<boolean>;
  readonly visits_on: Generated<boolean>;
  readonly longest_visit_s: Generated<number>;
  readonly tokens_per_day: Generated<number>;
  readonly token_key_quota: Generated<number>;
  readonly revision: Generated<number>;
}

export interface VisitorPassTable {
  readonly pass_id: Uint8Array;
  readonly credential_key: Uint8Array;
  readonly home_id: string;
  readonly purpose: string;
  readonly portal_ids: readonly string[];
  readonly not_before: Timestamp;
  readonly not_after: Timestamp;
  readonly weekdays: readonly number[] | null;
  readonly windows: Json<readonly { readonly startMinute: number; readonly endMinute: number }[]> | null;
  readonly uses: number | null;
  readonly issued_at: Timestamp;
  readonly issued_by: string;
  readonly revoked_at: OptionalTimestamp;
}

export interface VisitorRevocationTable {
  readonly delegate: Uint8Array;
  readonly pass_id: Uint8Array;
  readonly until: Timestamp;
  readonly person_id: string | null;
}

export interface TokenKeyTable {
  readonly key_id: Uint8Array;
  readonly door_group: number;
  readonly from_at: Timestamp;
  readonly until_at: Timestamp;
  readonly public_key: Uint8Array;
  readonly quota: number;
  readonly signed: Generated<number>;
  readonly leaf_id: string;
  readonly statement: string | null;
  readonly salt: Uint8Array | null;
  readonly leaf_index: number | null;
  readonly tree_size: number | null;
  readonly proof: Uint8Array | null;
  readonly checkpoint: string | null;
}

export interface TokenSecretTable {
  readonly key_id: Uint8Array;
  readonly sealed: Uint8Array;
}

export interface TokenCountTable {
  readonly person_id: string;
  readonly day: Timestamp;
  readonly given: number;
}

/** Tables of the passes slice. */
export interface PassTables {
  readonly pass_setting: PassSettingTable;
  readonly visitor_pass: VisitorPassTable;
  readonly visitor_revocation: VisitorRevocationTable;
  readonly token_key: TokenKeyTable;
  readonly "keys.token_key": TokenSecretTable;
  readonly token_count: TokenCountTable;
}
