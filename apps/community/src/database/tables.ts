import type { KeyAct } from "@menshen/wire";
import type { Generated } from "kysely";
import type { Json, OptionalTimestamp, PersonText, Timestamp } from "./column-types.ts";
import type { CommandTables } from "./command-tables.ts";
import type { ComplaintTables, IncidentTables, MessageTables } from "./complaint-tables.ts";
import type { ConformityTables } from "./conformity-tables.ts";
import type { ConsentTables } from "./consent-tables.ts";
import type { CustodyTables } from "./custody-tables.ts";
import type { DeletionTables } from "./deletion-tables.ts";
import type { DetectionTables } from "./detection-tables.ts";
import type { DoorRuleTables } from "./door-rule-tables.ts";
import type { EvidencePackageTables } from "./evidence-package-tables.ts";
import type { GuardTables } from "./guard-tables.ts";
import type { InstallerTables } from "./installer-tables.ts";
import type { MarketTables } from "./market-tables.ts";
import type { NamingTables } from "./naming-tables.ts";
import type { OpeningTables } from "./opening-tables.ts";
import type { PassTables } from "./pass-tables.ts";
import type { ResidencyTables } from "./residency-tables.ts";
import type { ResidentTables } from "./resident-tables.ts";
import type { RetentionTables } from "./retention-tables.ts";
import type { VendorExitTables } from "./vendor-exit-tables.ts";
import type { VoteTables } from "./vote-tables.ts";

interface Record {
  readonly id: string;
  readonly revision: Generated<number>;
  readonly removed_at: OptionalTimestamp;
}

export interface CommunityTable {
  readonly only_row: Generated<boolean>;
  readonly id: string;
  readonly name: string;
  readonly time_zone: string;
  readonly outside_area_id: string;
  readonly grounds_area_id: string;
  readonly offers: Json<unknown>;
  readonly grade_caps: Json<unknown>;
  readonly legacy_until: Timestamp;
  readonly revision: Generated<number>;
}

export interface AreaTable extends Record {
  readonly name: string;
  readonly staff_only: boolean;
}

export interface BuildingTable extends Record {
  readonly name: string;
  readonly area_id: string;
}

export interface DwellingTable extends Record {
  readonly building_id: string;
  readonly name: string;
}

export interface PersonTable extends Record {
  readonly display_name: PersonText;
}

export interface ResidencyTable extends Record {
  readonly person_id: string;
  readonly role: string;
  readonly dwelling_id: string | null;
  readonly valid_from: OptionalTimestamp;
  readonly valid_until: OptionalTimestamp;
}

export interface StaffTable extends Record {
  readonly display_name: string;
  readonly roles: string[];
  readonly own_role_ids: Generated<string[]>;
  readonly body: Generated<string>;
  readonly set_up: Generated<boolean>;
  readonly created_at: Timestamp;
  readonly last_sign_in_at: OptionalTimestamp;
}

export interface SignInCodeTable {
  readonly code_hash: Uint8Array;
  readonly staff_id: string;
  readonly expires_at: Timestamp;
  readonly used_at: OptionalTimestamp;
}

export interface PasskeyTable {
  readonly id: string;
  readonly staff_id: string;
  readonly name: string;
  readonly webauthn_id: Uint8Array;
  readonly public_key: Uint8Array;
  readonly sign_count: number;
  readonly transports: string[];
  readonly backed_up: boolean;
  readonly created_at: Timestamp;
  readonly last_used_at: OptionalTimestamp;
}

export interface WebauthnChallengeTable {
  readonly id: string;
  readonly staff_id: string | null;
  readonly challenge: string;
  readonly expires_at: Timestamp;
}

export interface StaffSessionTable {
  readonly token_hash: Uint8Array;
  readonly staff_id: string;
  readonly duty: string;
  readonly signed_in_by: string;
  readonly created_at: Timestamp;
  readonly last_used_at: Timestamp;
  readonly expires_at: Timestamp;
}

export interface ChangeTable {
  readonly id: Generated<number>;
  readonly at: Timestamp;
  readonly staff_id: string | null;
  readonly duty: string | null;
  readonly action: string;
  readonly entity: string;
  readonly entity_id: string;
  readonly reason_code: string;
  readonly reason_text: string | null;
  readonly before: Json<unknown> | null;
  readonly after: Json<unknown> | null;
}

export interface PersonalViewTable {
  readonly id: string;
  readonly at: Timestamp;
  readonly staff_id: string;
  readonly body: string;
  readonly role: string;
  readonly person_id: string;
  readonly purpose: string;
  readonly purpose_text: string | null;
  readonly what: string;
  readonly leaf_id: string;
}

/** `keys.subject_salt` is read and written by `evidence-record` alone. */
export interface EvidenceStatementTable {
  readonly leaf_id: string;
  readonly topic: string;
  readonly subject_kind: string;
  readonly subject_id: string;
  readonly statement: string;
  readonly public: boolean;
  readonly at: Timestamp;
}

/** Written by the log's sequencer in `@menshen/evidence`. */
export interface EvidenceLeafTable {
  readonly index: number;
  readonly leaf_id: string;
  readonly at: Timestamp;
}

export interface WitnessTable {
  readonly id: string;
  readonly name: string;
  readonly body: string;
  readonly url: string;
  readonly key: string;
  readonly added_at: Timestamp;
}

export interface WitnessSettingTable {
  readonly quorum: number;
  readonly residents_count: boolean;
  readonly revision: Generated<number>;
}

export interface ScheduleTable extends Record {
  readonly name: string;
  readonly weekly: Json<unknown>;
  readonly holidays: Json<unknown>;
  readonly exceptions: Json<unknown>;
}

export interface HolidayTable {
  /** `YYYY-MM-DD` */
  readonly date: string;
  readonly kind: string;
  readonly name: string;
}

export interface GateTable extends Record {
  readonly name: string;
  readonly door_group: number;
  readonly vendor_id: Generated<string | null>;
}

export interface PortalTable extends Record {
  readonly gate_id: string;
  readonly name: string;
  readonly building_id: string | null;
  readonly unlock_ms: number;
  readonly held_open_limit_ms: number;
  readonly unlock_schedule_id: string | null;
  readonly plan_x: number | null;
  readonly plan_y: number | null;
  readonly plan_id: string | null;
}

export interface AccessPointTable extends Record {
  readonly portal_id: string;
  readonly name: string;
  readonly from_area_id: string;
  readonly to_area_id: string;
  readonly minimum_grade: string;
  readonly card_and_pin: Generated<boolean>;
}

export interface ReaderTable extends Record {
  readonly gate_id: string;
  readonly name: string;
  readonly kind: string;
  readonly access_point_id: string | null;
}

export interface PortalModeTable {
  readonly portal_id: string;
  readonly mode: string;
  readonly lockdown: number;
  readonly generation: number;
  readonly until: OptionalTimestamp;
  readonly own_mode: Generated<string>;
  readonly own_lockdown: Generated<number>;
  readonly own_until: OptionalTimestamp;
}

export interface AccessRuleTable extends Record {
  readonly number: Generated<number>;
  readonly name: string;
  readonly who_roles: string[] | null;
  readonly who_person_ids: string[] | null;
  readonly who_dwelling_ids: string[] | null;
  readonly who_building_ids: string[] | null;
  readonly where_access_point_ids: string[] | null;
  readonly where_area_ids: string[] | null;
  readonly schedule_id: string | null;
  readonly means: string[] | null;
  readonly minimum_grade: string;
  readonly valid_from: OptionalTimestamp;
  readonly valid_until: OptionalTimestamp;
  readonly overrides_lockdown: boolean;
}

export interface CredentialTable {
  readonly id: string;
  readonly key: Uint8Array;
  readonly kind: string;
  readonly grade: string;
  readonly label: string;
  readonly sealed_identifier: Uint8Array;
  readonly door_groups: number[];
  readonly person_id: string;
  readonly dwelling_id: string | null;
  readonly state: string;
  readonly valid_from: OptionalTimestamp;
  readonly valid_until: OptionalTimestamp;
  readonly enrolled_at: Timestamp;
  readonly state_changed_at: Timestamp;
  readonly replaces_id: string | null;
  readonly revision: Generated<number>;
  readonly model_version: Generated<number>;
  readonly key_version: Generated<number>;
  readonly next_key_version: number | null;
  readonly passed_key_versions: Generated<number[]>;
  readonly hides_uid: Generated<boolean>;
  readonly astray: Generated<boolean>;
  readonly counts_taps: Generated<boolean>;
  readonly temporary: Generated<boolean>;
}

export interface CredentialReceiptTable {
  readonly credential_id: string;
  readonly at: Timestamp;
  readonly paper_number: string | null;
  /** `YYYY-MM-DD` */
  readonly paper_date: string | null;
  readonly signature: Uint8Array | null;
  readonly leaf_id: string;
}

export interface ReceiptDenialTable {
  readonly credential_id: string;
  readonly at: Timestamp;
  readonly signature: Uint8Array;
  readonly leaf_id: string;
}

export interface DuressPinTable {
  readonly credential_id: string;
  readonly sealed_key: Uint8Array;
}

export interface CardListTable {
  readonly id: string;
  readonly digest: Uint8Array;
  readonly staff_id: string;
  readonly created_at: Timestamp;
  readonly state: string;
}

export interface CardListRowTable {
  readonly card_list_id: string;
  readonly line: number;
  readonly sealed_identifier: Uint8Array | null;
  readonly person_id: string;
  readonly dwelling_id: string | null;
  readonly valid_until: Timestamp;
  readonly outcome: string | null;
  readonly credential_id: string | null;
}

export interface CardKeyVersionTable {
  readonly version: number;
  readonly started_at: Timestamp;
  readonly door_group: number | null;
  readonly ended_at: OptionalTimestamp;
}

export interface KeyRequestTable {
  readonly id: string;
  readonly act: KeyAct;
  readonly version: number | null;
  readonly requested_by: string;
  readonly reason_code: string;
  readonly reason_text: string | null;
  readonly requested_at: Timestamp;
  readonly expires_at: Timestamp;
  readonly decision: "done" | "withdrawn" | null;
  readonly decided_by: string | null;
  readonly decided_at: OptionalTimestamp;
}

export interface CardKeyGateTable {
  readonly version: number;
  readonly gate_id: string;
}

export interface ModelPartTable {
  readonly part: string;
  readonly version: Generated<number>;
}

export interface ServerSecretTable {
  readonly name: string;
  readonly sealed: Uint8Array;
  readonly created_at: Timestamp;
}

export interface KeptKeyTable {
  readonly name: string;
  readonly version: number;
  readonly check_value: string;
  readonly kept_at: Timestamp;
}

/** Written by the gate link; other slices only read it. */
export interface EventTable {
  readonly position: number;
  readonly gate_id: string;
  readonly sequence: number;
  readonly at: Timestamp;
  readonly received_at: Timestamp;
  readonly kind: number;
  readonly event: number | null;
  readonly granted: boolean | null;
  readonly reason: number | null;
  readonly subject: string | null;
  readonly pseudonym: Uint8Array | null;
  readonly entry: Uint8Array;
}

export interface GateAlarmTable {
  readonly id: Generated<number>;
  readonly gate_id: string;
  readonly kind: string;
  readonly sequence: number;
  readonly times: number;
  readonly cleared_at: OptionalTimestamp;
}

export interface GateJournalTable {
  readonly gate_id: string;
  readonly last_sequence: number;
  readonly reread_since: OptionalTimestamp;
}

export interface Tables
  extends CommandTables,
    ComplaintTables,
    CustodyTables,
    DetectionTables,
    EvidencePackageTables,
    ConformityTables,
    ConsentTables,
    DoorRuleTables,
    GuardTables,
    IncidentTables,
    InstallerTables,
    MarketTables,
    MessageTables,
    NamingTables,
    OpeningTables,
    PassTables,
    DeletionTables,
    VendorExitTables,
    ResidencyTables,
    ResidentTables,
    RetentionTables,
    VoteTables {
  readonly community: CommunityTable;
  readonly area: AreaTable;
  readonly building: BuildingTable;
  readonly dwelling: DwellingTable;
  readonly person: PersonTable;
  readonly residency: ResidencyTable;
  readonly staff: StaffTable;
  readonly sign_in_code: SignInCodeTable;
  readonly passkey: PasskeyTable;
  readonly webauthn_challenge: WebauthnChallengeTable;
  readonly staff_session: StaffSessionTable;
  readonly change: ChangeTable;
  readonly personal_view: PersonalViewTable;
  readonly evidence_statement: EvidenceStatementTable;
  readonly evidence_leaf: EvidenceLeafTable;
  readonly witness: WitnessTable;
  readonly witness_setting: WitnessSettingTable;
  readonly schedule: ScheduleTable;
  readonly holiday: HolidayTable;
  readonly gate: GateTable;
  readonly portal: PortalTable;
  readonly access_point: AccessPointTable;
  readonly reader: ReaderTable;
  readonly portal_mode: PortalModeTable;
  readonly access_rule: AccessRuleTable;
  readonly credential: CredentialTable;
  readonly card_key_version: CardKeyVersionTable;
  readonly card_key_gate: CardKeyGateTable;
  readonly key_request: KeyRequestTable;
  readonly credential_receipt: CredentialReceiptTable;
  readonly receipt_denial: ReceiptDenialTable;
  readonly duress_pin: DuressPinTable;
  readonly card_list: CardListTable;
  readonly card_list_row: CardListRowTable;
  readonly model_part: ModelPartTable;
  readonly server_secret: ServerSecretTable;
  readonly kept_key: KeptKeyTable;
  readonly event: EventTable;
  /** These two are the gate link's; here they are only cleared and marked. */
  readonly gate_alarm: GateAlarmTable;
  readonly gate_journal: GateJournalTable;
}
