import type { OptionalTimestamp, Timestamp } from "./column-types.ts";

export interface VendorExitTable {
  readonly id: string;
  readonly vendor_id: string;
  readonly ground: string;
  readonly begun_at: Timestamp;
  readonly staff_id: string;
  readonly leaf_id: string;
  readonly closed_at: OptionalTimestamp;
  readonly closed_by: string | null;
  readonly closing_leaf_id: string | null;
}

export interface VendorExitItemTable {
  readonly id: string;
  readonly exit_id: string;
  readonly kind: string;
  readonly device_id: string | null;
  readonly name: string;
  readonly outcome: string | null;
  readonly words: string | null;
  readonly sha256: string | null;
  readonly at: OptionalTimestamp;
  readonly staff_id: string | null;
  readonly leaf_id: string | null;
}

/** Tables about vendors that go. */
export interface VendorExitTables {
  readonly vendor_exit: VendorExitTable;
  readonly vendor_exit_item: VendorExitItemTable;
}
