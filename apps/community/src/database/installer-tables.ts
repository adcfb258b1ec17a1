import type { GateWiring } from "@menshen/wire";
import type { Generated } from "kysely";
import type { Json, OptionalTimestamp, Timestamp } from "./column-types.ts";

export interface GateWiringTable {
  readonly gate_id: string;
  readonly wiring: Json<GateWiring>;
  readonly revision: Generated<number>;
  readonly enrol_url: string | null;
}

export interface WireTestTable {
  readonly id: string;
  readonly gate_id: string;
  readonly wire: string;
  readonly subject_id: string;
  readonly staff_id: string;
  readonly started_at: Timestamp;
  readonly from_position: number;
  readonly command_id: string;
  readonly seen: boolean | null;
  readonly outcome: string | null;
  readonly observed: readonly string[] | null;
  readonly elsewhere: readonly string[] | null;
  readonly ended_at: OptionalTimestamp;
}

export interface GateReplacementTable {
  readonly gate_id: string;
  readonly replaced_by: string;
  readonly staff_id: string;
  readonly at: Timestamp;
  readonly stored_up_to: Generated<number>;
  readonly said_waiting: number | null;
  readonly handed_over: Generated<number>;
  readonly handed_over_at: OptionalTimestamp;
  readonly disk_lost_by: string | null;
  readonly disk_lost_at: OptionalTimestamp;
}

export interface OwnRoleTable {
  readonly id: string;
  readonly name: string;
  readonly base: string;
  readonly permissions: readonly string[];
  readonly revision: Generated<number>;
  readonly removed_at: OptionalTimestamp;
}

export interface VendorAccessTable {
  readonly id: string;
  readonly company: string;
  readonly opened_by: string;
  readonly reason_code: string;
  readonly reason_text: string | null;
  readonly opened_at: Timestamp;
  readonly until: Timestamp;
  readonly closed_by: string | null;
  readonly closed_at: OptionalTimestamp;
}

export interface InstallerTables {
  readonly gate_wiring: GateWiringTable;
  readonly wire_test: WireTestTable;
  readonly gate_replacement: GateReplacementTable;
  readonly own_role: OwnRoleTable;
  readonly vendor_access: VendorAccessTable;
}
