import type { NoticeDraft } from "@menshen/domain";
import type { Generated } from "kysely";
import type { Json, OptionalTimestamp, Timestamp } from "./column-types.ts";

export interface ConsentNoticeTable {
  readonly id: string;
  readonly series_id: string;
  readonly draft: Json<NoticeDraft>;
  readonly drafted_at: Timestamp;
  readonly drafted_by: string;
  readonly revision: Generated<number>;
  readonly version: number | null;
  readonly purpose: string | null;
  readonly text: string | null;
  /** Hexadecimal. */
  readonly sha256: string | null;
  readonly leaf_id: string | null;
  readonly published_at: OptionalTimestamp;
  readonly published_by: string | null;
}

export interface ConsentTable {
  readonly record_id: string;
  readonly person_id: string;
  readonly notice_id: string;
  readonly way: string;
  readonly guardian_id: string | null;
  readonly entered_at: Timestamp;
  readonly entered_by: string | null;
  readonly confirmed_by: string | null;
  readonly given_at: OptionalTimestamp;
  readonly until_at: OptionalTimestamp;
  readonly receipt: string | null;
  readonly leaf_id: string | null;
  readonly withdrawn_at: OptionalTimestamp;
  readonly withdrawal_receipt: string | null;
  readonly withdrawal_leaf_id: string | null;
}

export interface PersonContactTable {
  readonly person_id: string;
  readonly sealed: Uint8Array;
  /** Sealed under the person's own key. */
  readonly by_person: Generated<boolean>;
  readonly set_at: Timestamp;
}

export interface PersonIdentityCheckTable {
  readonly person_id: string;
  readonly issuer: string;
  readonly checked_at: Timestamp;
}

export interface PersonGuardianNeedTable {
  readonly person_id: string;
  /** `YYYY-MM-DD` */
  readonly until_on: string;
}

/** Tables of the consent slice. */
export interface ConsentTables {
  readonly consent_notice: ConsentNoticeTable;
  readonly consent: ConsentTable;
  readonly person_contact: PersonContactTable;
  readonly person_identity_check: PersonIdentityCheckTable;
  readonly person_guardian_need: PersonGuardianNeedTable;
}
