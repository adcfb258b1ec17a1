import type { Generated } from "kysely";
import type { Json, OptionalTimestamp, Timestamp } from "./column-types.ts";

export interface RollOwnerTable {
  readonly id: string;
  readonly key: string;
  readonly kind: string;
  readonly name: string | null;
}

export interface RollOwnerPersonTable {
  readonly owner_id: string;
  readonly person_id: string;
}

export interface RollDwellingTable {
  readonly dwelling_id: string;
  readonly area_dm2: number;
  readonly owner_id: string;
}

export interface MotionTable {
  readonly id: string;
  readonly matter: string;
  readonly title: string;
  readonly text: string;
  readonly subject: string | null;
  readonly opens_at: Timestamp;
  readonly closes_at: Timestamp;
  readonly revision: Generated<number>;
  readonly created_at: Timestamp;
  readonly created_by: string;
  readonly published_at: OptionalTimestamp;
  /** Hexadecimal. */
  readonly agenda_sha256: string | null;
  /** Hexadecimal. */
  readonly roll_sha256: string | null;
  readonly withdrawn_at: OptionalTimestamp;
  readonly counted_at: OptionalTimestamp;
  readonly result: Json<unknown> | null;
  readonly used_for: string | null;
  readonly is_secret: Generated<boolean>;
  readonly ballot_ceremony: string | null;
  readonly ballot_key: Uint8Array | null;
  readonly tally: Uint8Array | null;
}

export interface MotionHeadTable {
  readonly motion_id: string;
  readonly number: number;
  readonly area_dm2: number;
  readonly dwelling_names: string[];
}

export interface MotionHeadPersonTable {
  readonly motion_id: string;
  readonly number: number;
  readonly person_id: string;
}

export interface MotionProxyTable {
  readonly motion_id: string;
  readonly number: number;
  readonly person_id: string;
  readonly document_number: string;
  readonly registered_at: Timestamp;
  readonly registered_by: string;
}

export interface MotionBallotTable {
  readonly motion_id: string;
  readonly number: number;
  readonly way: string;
  readonly at: Timestamp;
  readonly leaf_id: string;
  readonly auth_key: Uint8Array | null;
  readonly signature: Uint8Array | null;
  readonly sealed: Uint8Array | null;
}

export interface MotionPaperTable {
  readonly motion_id: string;
  readonly number: number;
  readonly choice: string | null;
  readonly document_number: string;
  readonly entered_at: Timestamp;
  readonly entered_by: string;
  readonly confirmed_at: OptionalTimestamp;
  readonly confirmed_by: string | null;
}

export interface MotionTallyShareTable {
  readonly motion_id: string;
  readonly custodian: number;
  readonly share: Uint8Array;
  readonly at: Timestamp;
}

export interface AdvisoryBallotTable {
  readonly motion_id: string;
  readonly person_id: string | null;
  readonly at: Timestamp;
  readonly leaf_id: string;
  readonly auth_key: Uint8Array;
  readonly signature: Uint8Array;
}

export interface VendorTable {
  readonly id: string;
  readonly revision: Generated<number>;
  readonly created_at: Timestamp;
  readonly before_roll: boolean;
}

export interface VendorVersionTable {
  readonly vendor_id: string;
  readonly revision: number;
  readonly page: Json<unknown>;
  readonly sha256: string;
  readonly at: Timestamp;
  readonly staff_id: string;
  readonly leaf_id: string;
}

/** Tables of votes and of vendors' pages. */
export interface VoteTables {
  readonly roll_owner: RollOwnerTable;
  readonly roll_owner_person: RollOwnerPersonTable;
  readonly roll_dwelling: RollDwellingTable;
  readonly motion: MotionTable;
  readonly motion_head: MotionHeadTable;
  readonly motion_head_person: MotionHeadPersonTable;
  readonly motion_proxy: MotionProxyTable;
  readonly motion_ballot: MotionBallotTable;
  readonly motion_paper: MotionPaperTable;
  readonly motion_tally_share: MotionTallyShareTable;
  readonly advisory_ballot: AdvisoryBallotTable;
  readonly vendor: VendorTable;
  readonly vendor_version: VendorVersionTable;
}
