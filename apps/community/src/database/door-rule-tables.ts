import type { ColumnType, Generated } from "kysely";
import type { Timestamp } from "./column-types.ts";

interface LiftFloor {
  readonly output: number;
  readonly areaId: string;
  readonly scheduleId?: string;
}

export interface DoorRuleSettingTable {
  readonly only_row: Generated<boolean>;
  readonly presence_hours: number;
  readonly tells_at_door: boolean;
  readonly revision: Generated<number>;
}

export interface AreaRuleTable {
  readonly area_id: string;
  readonly counted: boolean;
  readonly anti_passback: string;
  readonly timed_ms: number | null;
  readonly occupancy_limit: number | null;
  readonly counts_only_confirmed: boolean;
  readonly when_apart: string;
  readonly staff_first: boolean;
  readonly two_persons: boolean;
  readonly escort_within_ms: number | null;
  readonly revision: number;
}

export interface PortalRuleTable {
  readonly portal_id: string;
  readonly interlock_group: number | null;
  readonly two_person_within_ms: number | null;
  readonly double_tap_within_ms: number | null;
  readonly double_tap_for_ms: number | null;
  readonly pre_alarm_ms: number | null;
  readonly turnstile: boolean;
  readonly plate: boolean;
  readonly floors: ColumnType<readonly LiftFloor[] | null, string | null, string | null>;
  readonly revision: number;
}

export interface SiteAddressTable {
  readonly gate_id: string;
  readonly host: string | null;
  readonly port: number | null;
  readonly revision: number;
}

export interface HolderSecretTable {
  readonly epoch: number;
  readonly sealed: Uint8Array;
}

export interface ModeRequestTable {
  readonly subject: string;
  readonly requested_by: string;
  readonly requested_at: Timestamp;
}

/** What gates ask of areas, persons and doors. */
export interface DoorRuleTables {
  readonly door_rule_setting: DoorRuleSettingTable;
  readonly area_rule: AreaRuleTable;
  readonly portal_rule: PortalRuleTable;
  readonly site_address: SiteAddressTable;
  readonly "keys.holder_secret": HolderSecretTable;
  readonly mode_request: ModeRequestTable;
}
