import type { Generated } from "kysely";
import type { Json, OptionalTimestamp, Timestamp } from "./column-types.ts";

export interface ComplaintTable {
  readonly id: string;
  readonly kind: string;
  readonly category: string;
  readonly channel: string;
  readonly body: string;
  readonly about_body: string | null;
  readonly about_staff_id: string | null;
  readonly person_id: string | null;
  readonly code_hash: Uint8Array | null;
  /** Sealed. */
  readonly text: Uint8Array | null;
  /** Sealed. */
  readonly nonce: Uint8Array;
  readonly commitment: Uint8Array;
  readonly leaf_id: string;
  readonly receipt: string;
  readonly received_at: Timestamp;
  readonly remind_first_at: Timestamp;
  readonly remind_again_at: Timestamp;
  readonly answer_by: Timestamp;
  readonly reminders: Generated<number>;
  readonly late: Generated<boolean>;
  readonly state: Generated<string>;
  readonly answered_at: OptionalTimestamp;
  readonly entered_by: string | null;
}

export interface ComplaintStepTable {
  readonly id: Generated<number>;
  readonly complaint_id: string;
  readonly at: Timestamp;
  readonly kind: string;
  readonly body: string;
  readonly to_body: string | null;
  readonly cause: string | null;
  /** Sealed. */
  readonly text: Uint8Array | null;
  readonly staff_id: string | null;
}

export interface PenaltyTable {
  readonly id: string;
  readonly party: string;
  readonly authority: string;
  readonly document_number: string;
  /** `YYYY-MM-DD` */
  readonly decided_on: string;
  readonly ground: string;
  readonly amount_fen: number;
  readonly appeal: Generated<string>;
  readonly published_at: Timestamp;
  readonly published_by: string;
  readonly leaf_id: string;
  readonly removed_at: OptionalTimestamp;
  readonly removed_why: string | null;
  readonly removal_leaf_id: string | null;
}

/** Tables of the complaints slice. */
export interface ComplaintTables {
  readonly complaint: ComplaintTable;
  readonly complaint_step: ComplaintStepTable;
  readonly penalty: PenaltyTable;
}

export interface ServiceNoticeTable {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly sent_at: Timestamp;
  readonly sent_by: string | null;
}

export interface ServiceNoticeRecipientTable {
  readonly notice_id: string;
  readonly person_id: string;
  readonly read_at: OptionalTimestamp;
}

export interface SharingRecipientTable {
  readonly id: string;
  readonly name: string;
  readonly purpose: string;
  readonly contact: string;
  readonly sub_processors: string[];
  readonly since: Timestamp;
  readonly registered_by: string;
  readonly ended_at: OptionalTimestamp;
}

export interface CommercialMessageTable {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly advertiser_id: string;
  readonly sent_at: Timestamp;
  readonly sent_by: string;
}

export interface CommercialMessageRecipientTable {
  readonly message_id: string;
  readonly person_id: string;
  readonly consent_id: string;
  readonly read_at: OptionalTimestamp;
}

export interface CommercialStopTable {
  readonly person_id: string;
  readonly at: Timestamp;
}

export interface DataShareTable {
  readonly id: string;
  readonly recipient_id: string;
  readonly person_id: string;
  readonly at: Timestamp;
  readonly staff_id: string;
  readonly consent_id: string;
  readonly sub_processors: string[];
  readonly leaf_id: string;
}

/** Tables of the messages slice. */
export interface MessageTables {
  readonly service_notice: ServiceNoticeTable;
  readonly service_notice_recipient: ServiceNoticeRecipientTable;
  readonly sharing_recipient: SharingRecipientTable;
  readonly commercial_message: CommercialMessageTable;
  readonly commercial_message_recipient: CommercialMessageRecipientTable;
  readonly commercial_stop: CommercialStopTable;
  readonly data_share: DataShareTable;
}

export interface IncidentSettingTable {
  readonly authority: string;
  readonly is_on: boolean;
  readonly hours: number;
  readonly from_grade: string;
}

export interface IncidentTable {
  readonly id: string;
  readonly kind: string;
  readonly grade: string;
  readonly targets: Json<unknown>;
  readonly from_at: Timestamp;
  readonly until_at: OptionalTimestamp;
  readonly opened_at: Timestamp;
  readonly opened_by: string | null;
  readonly cause: string | null;
  readonly harm: string | null;
  readonly remedies: string | null;
  readonly advice: string | null;
  readonly contact: string | null;
  readonly telling: Generated<string>;
  readonly not_telling_why: string | null;
  readonly override_authority: string | null;
  readonly override_document: string | null;
  readonly notice_id: string | null;
  readonly published_at: OptionalTimestamp;
  readonly affected_count: number;
}

export interface IncidentAffectedTable {
  readonly incident_id: string;
  readonly person_id: string;
  readonly data: string[];
}

export interface IncidentClockTable {
  readonly incident_id: string;
  readonly authority: string;
  readonly started_at: Timestamp;
  readonly due_at: Timestamp;
  readonly half_alarm_at: OptionalTimestamp;
  readonly nearly_alarm_at: OptionalTimestamp;
  readonly reported_at: OptionalTimestamp;
  readonly missed_at: OptionalTimestamp;
}

export interface IncidentEvidenceTable {
  readonly incident_id: string;
  readonly gate_id: string;
  readonly sequence: number;
  readonly entry: Uint8Array;
  readonly sha256: Uint8Array;
}

/** Tables of the breach slice. */
export interface IncidentTables {
  readonly incident_setting: IncidentSettingTable;
  readonly incident: IncidentTable;
  readonly incident_affected: IncidentAffectedTable;
  readonly incident_clock: IncidentClockTable;
  readonly incident_evidence: IncidentEvidenceTable;
}
