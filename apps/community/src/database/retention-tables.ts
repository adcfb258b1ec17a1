import type { Generated } from "kysely";
import type { Timestamp } from "./column-types.ts";

export interface RecordSettingTable {
  readonly only_row: Generated<boolean>;
  readonly retention_days: Generated<number>;
  readonly revision: Generated<number>;
}

export interface RetentionStateTable {
  readonly kind: string;
  readonly before: Timestamp;
  readonly deleted_at: Timestamp;
}

export interface RetentionTables {
  readonly record_setting: RecordSettingTable;
  readonly retention_state: RetentionStateTable;
}
