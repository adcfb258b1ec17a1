import type { Timestamp } from "./column-types.ts";

export interface ConformityStateTable {
  readonly row_id: string;
  readonly state: "kept" | "broken" | "person" | "open";
  readonly since: Timestamp;
}

export interface ConformityTables {
  readonly conformity_state: ConformityStateTable;
}
