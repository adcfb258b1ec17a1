import type { ColumnType, Generated } from "kysely";

/** Unix milliseconds; written through `moment`. */
type Timestamp = number;
type OptionalTimestamp = ColumnType<number | null, number | null | undefined, number | null>;
/** `YYYY-MM-DD`. */
type DateText = string;

export interface Tables {
  readonly city: { readonly only_row: Generated<boolean>; readonly evaluation_key: Uint8Array };
  readonly officer: {
    readonly id: string;
    readonly name: string;
    readonly created_at: Timestamp;
    readonly removed_at: OptionalTimestamp;
  };
  readonly sign_in_link: {
    readonly officer_id: string;
    readonly hash: Uint8Array;
    readonly expires_at: Timestamp;
  };
  readonly session: {
    readonly hash: Uint8Array;
    readonly officer_id: string;
    readonly last_used_at: Timestamp;
    readonly expires_at: Timestamp;
  };
  readonly officer_passkey: {
    readonly id: string;
    readonly officer_id: string;
    readonly name: string;
    readonly webauthn_id: Uint8Array;
    readonly public_key: Uint8Array;
    readonly sign_count: number;
    readonly created_at: Timestamp;
    readonly last_used_at: OptionalTimestamp;
  };
  readonly officer_challenge: {
    readonly id: string;
    readonly officer_id: string | null;
    readonly challenge: string;
    readonly expires_at: Timestamp;
  };
  readonly community: {
    readonly id: string;
    readonly name: string;
    readonly added_at: Timestamp;
    readonly key: Uint8Array | null;
    readonly enrolled_at: OptionalTimestamp;
    readonly removed_at: OptionalTimestamp;
  };
  readonly enrolment_code: {
    readonly community_id: string;
    readonly hash: Uint8Array;
    readonly expires_at: Timestamp;
  };
  readonly request_nonce: {
    readonly key: Uint8Array;
    readonly nonce: Uint8Array;
    readonly expires_at: Timestamp;
  };
  readonly evaluation_count: {
    readonly community_id: string;
    readonly day: DateText;
    readonly used: number;
  };
  readonly issuer: { readonly code: string; readonly name: string };
  readonly report: {
    readonly community_id: string;
    readonly id: string;
    readonly source: string;
    readonly week: DateText;
    readonly chip: string;
    readonly issuer: string | null;
    readonly key_version: number | null;
    readonly batch_prefix: Uint8Array | null;
    readonly number_tag: Uint8Array | null;
  };
  readonly report_pattern: {
    readonly community_id: string;
    readonly report_id: string;
    readonly pattern: string;
  };
  readonly incident: {
    readonly id: string;
    readonly number: Generated<number>;
    readonly opened_at: Timestamp;
    readonly closed_at: OptionalTimestamp;
    readonly closed_by: string | null;
    readonly finding: string | null;
    readonly merged_into: string | null;
  };
  readonly incident_pattern: { readonly pattern: string; readonly incident_id: string };
  readonly act: {
    readonly id: Generated<number>;
    readonly at: Timestamp;
    readonly officer_id: string | null;
    readonly action: string;
    readonly entity_id: string;
  };
}
