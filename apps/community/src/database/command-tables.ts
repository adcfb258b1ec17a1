import type { SelfTestReport } from "@menshen/wire";
import type { Generated } from "kysely";
import type { Json, OptionalTimestamp, Timestamp } from "./column-types.ts";

export interface CommandTable {
  readonly id: string;
  readonly kind: string;
  readonly gate_id: string;
  readonly portal_id: string | null;
  readonly area_id: string | null;
  readonly reader_id: string | null;
  readonly sequence: number | null;
  readonly count: number | null;
  readonly unlock_ms: number | null;
  readonly holder: Uint8Array | null;
  readonly staff_id: string;
  readonly reason_code: string;
  readonly reason_text: string | null;
  readonly requested_at: Timestamp;
  readonly expires_at: Timestamp;
  readonly state: string;
  readonly refusal: string | null;
  readonly answered_at: OptionalTimestamp;
  readonly lock: string | null;
  readonly opened: boolean | null;
  readonly for_ms: number | null;
  readonly wire: string | null;
  readonly wire_state: string | null;
  readonly report: Json<SelfTestReport> | null;
}

export interface LockdownPlanTable {
  readonly id: string;
  readonly name: string;
  readonly rank: number;
  readonly level: number;
  readonly portal_ids: readonly string[] | null;
  readonly duration_minutes: number;
  readonly instruction: string | null;
  readonly revision: Generated<number>;
  readonly removed_at: OptionalTimestamp;
}

export interface LockdownTable {
  readonly id: string;
  readonly plan_id: string;
  readonly name: string;
  readonly rank: number;
  readonly level: number;
  readonly instruction: string | null;
  readonly drill: boolean;
  readonly portal_ids: readonly string[];
  readonly started_by: string;
  readonly reason_code: string;
  readonly reason_text: string | null;
  readonly started_at: Timestamp;
  readonly until: Timestamp;
  readonly end_asked_by: string | null;
  readonly end_asked_at: OptionalTimestamp;
  readonly ended_at: OptionalTimestamp;
  readonly ended_how: string | null;
  readonly agreed_by: string | null;
}

export interface MassUnlockTable {
  readonly id: string;
  readonly portal_ids: readonly string[];
  readonly minutes: number;
  readonly requested_by: string;
  readonly reason_code: string;
  readonly reason_text: string | null;
  readonly requested_at: Timestamp;
  readonly expires_at: Timestamp;
  readonly agreed_by: string | null;
  readonly until: OptionalTimestamp;
}

/** What guards do with doors: commands, lockdowns, many doors at once. */
export interface CommandTables {
  readonly command: CommandTable;
  readonly lockdown_plan: LockdownPlanTable;
  readonly lockdown: LockdownTable;
  readonly mass_unlock: MassUnlockTable;
}
