import type { Generated } from "kysely";
import type { OptionalTimestamp, Timestamp } from "./column-types.ts";

/** A person's own account: public keys, never a secret. */
export interface ResidentAccountTable {
  readonly person_id: string;
  /** Ed25519, 32 bytes. */
  readonly auth_key: Uint8Array;
  /** X25519, 32 bytes. */
  readonly trail_key: Uint8Array;
  readonly first_position: number;
  readonly registered_at: Timestamp;
}

export interface ResidentKeyTable {
  readonly id: Generated<number>;
  readonly person_id: string;
  readonly registered_at: Timestamp;
  readonly registered_by: string;
  readonly ended_at: OptionalTimestamp;
}

export interface ResidentInvitationTable {
  readonly code_hash: Uint8Array;
  readonly person_id: string;
  readonly expires_at: Timestamp;
}

export interface ResidentChallengeTable {
  readonly challenge: Uint8Array;
  readonly auth_key: Uint8Array;
  readonly expires_at: Timestamp;
}

export interface ResidentSessionTable {
  readonly token_hash: Uint8Array;
  readonly person_id: string;
  readonly created_at: Timestamp;
  readonly expires_at: Timestamp;
}

export interface ResidentRefusedReadTable {
  readonly id: Generated<number>;
  readonly at: Timestamp;
  /** Absent: whoever it was is erased. */
  readonly person_id: string | null;
  readonly asked_person_id: string;
  readonly what: string;
}

/** What is sealed here opens with the passkey alone. */
export interface ResidentPasskeyTable {
  readonly id: string;
  readonly person_id: string;
  readonly name: string;
  readonly webauthn_id: Uint8Array;
  readonly public_key: Uint8Array;
  readonly sign_count: number;
  readonly sealed_seed: Uint8Array;
  readonly created_at: Timestamp;
  readonly last_used_at: OptionalTimestamp;
}

export interface ResidentPasskeyChallengeTable {
  readonly id: string;
  /** Absent: for signing in. */
  readonly person_id: string | null;
  readonly challenge: string;
  readonly expires_at: Timestamp;
}

/** Tables of the resident slice. */
export interface ResidentTables {
  readonly resident_account: ResidentAccountTable;
  readonly resident_key: ResidentKeyTable;
  readonly resident_invitation: ResidentInvitationTable;
  readonly resident_challenge: ResidentChallengeTable;
  readonly resident_session: ResidentSessionTable;
  readonly resident_refused_read: ResidentRefusedReadTable;
  readonly resident_passkey: ResidentPasskeyTable;
  readonly resident_passkey_challenge: ResidentPasskeyChallengeTable;
}
