import type { Generated } from "kysely";
import type { Json, OptionalTimestamp, Timestamp } from "./column-types.ts";

export interface AlarmFeedTable {
  readonly only_row: Generated<boolean>;
  readonly followed: number;
  readonly last: Generated<number>;
}

export interface AlarmTable {
  readonly id: string;
  readonly kind: string;
  readonly gate_id: string;
  readonly portal_id: string | null;
  readonly reader_id: string | null;
  readonly place: string;
  readonly first_at: Timestamp;
  readonly last_at: Timestamp;
  readonly received_at: Timestamp;
  readonly count: number;
  readonly late: boolean;
  readonly from_state: boolean;
  readonly ended_at: OptionalTimestamp;
  readonly state: "open" | "acknowledged" | "closed";
  readonly reopened_at: OptionalTimestamp;
  readonly acknowledged_by: string | null;
  readonly acknowledged_at: OptionalTimestamp;
  readonly assigned_to: string | null;
  readonly assigned_at: OptionalTimestamp;
  readonly closed_by: string | null;
  readonly closed_at: OptionalTimestamp;
  readonly finding_code: string | null;
  readonly finding_text: string | null;
  readonly revision: Generated<number>;
  readonly position: number;
}

export interface AlarmStepTable {
  readonly id: Generated<number>;
  readonly alarm_id: string;
  readonly at: Timestamp;
  readonly what: string;
  readonly staff_id: string | null;
  readonly assigned_to: string | null;
}

export interface AlarmInstructionTable {
  readonly kind: string;
  readonly zh: string | null;
  readonly en: string | null;
  readonly revision: number;
}

export interface ShiftTable {
  readonly id: string;
  readonly staff_id: string;
  readonly opened_at: Timestamp;
  readonly closed_at: OptionalTimestamp;
  readonly reception_seen_at: OptionalTimestamp;
  readonly presence_seen_at: OptionalTimestamp;
  readonly revision: Generated<number>;
}

export interface HandOverNoteTable {
  readonly id: string;
  readonly shift_id: string;
  readonly staff_id: string;
  readonly written_at: Timestamp;
  readonly text: string;
  readonly portal_id: string | null;
  readonly alarm_id: string | null;
  readonly settled_at: OptionalTimestamp;
  readonly settled_by: string | null;
  readonly revision: Generated<number>;
}

export interface ReceptionSettingTable {
  readonly only_row: Generated<boolean>;
  readonly retention_days: Generated<number>;
  readonly usual_minutes: Generated<number>;
  readonly revision: Generated<number>;
}

export interface VisitTable {
  readonly id: string;
  readonly dwelling_id: string;
  readonly purpose: string;
  readonly persons: number;
  readonly pass_id: Uint8Array | null;
  readonly checked_in_at: Timestamp;
  readonly expected_until: Timestamp;
  readonly checked_out_at: OptionalTimestamp;
  readonly revision: Generated<number>;
}

export interface FloorPlanTable {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly width: number;
  readonly height: number;
  readonly image: Uint8Array;
  readonly version: Uint8Array;
  readonly revision: Generated<number>;
  readonly removed_at: OptionalTimestamp;
}

export interface FloorPlanAreaTable {
  readonly plan_id: string;
  readonly area_id: string;
  readonly corners: Json<readonly { readonly x: number; readonly y: number }[]>;
}

/** Tables of the alarms, shifts, reception and floor plan slices. */
export interface GuardTables {
  readonly alarm_feed: AlarmFeedTable;
  readonly alarm: AlarmTable;
  readonly alarm_step: AlarmStepTable;
  readonly alarm_instruction: AlarmInstructionTable;
  readonly shift: ShiftTable;
  readonly hand_over_note: HandOverNoteTable;
  readonly reception_setting: ReceptionSettingTable;
  readonly visit: VisitTable;
  readonly floor_plan: FloorPlanTable;
  readonly floor_plan_area: FloorPlanAreaTable;
}
