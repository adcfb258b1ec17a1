import type { Generated } from "kysely";
import type { OptionalTimestamp, Timestamp } from "./column-types.ts";

export interface GateBatchTable {
  readonly id: Generated<number>;
  readonly gate_id: string;
  readonly first_sequence: number;
  readonly last_sequence: number;
  readonly previous_hash: Uint8Array;
  readonly signature: Uint8Array;
  readonly received_at: Timestamp;
}

export interface EvidencePackageTable {
  readonly id: string;
  readonly case_id: string;
  readonly made_at: Timestamp;
  readonly made_by: string;
  readonly reason: string;
  readonly content: Uint8Array | null;
  readonly content_sha256: Uint8Array;
  readonly leaf_id: string;
  readonly package: Generated<Uint8Array | null>;
  readonly package_sha256: Generated<Uint8Array | null>;
  readonly sealed_at: OptionalTimestamp;
  readonly stamped_at: OptionalTimestamp;
  readonly forgotten_at: OptionalTimestamp;
}

export interface EvidenceCustodyTable {
  readonly id: Generated<number>;
  readonly package_id: string;
  readonly at: Timestamp;
  readonly what: string;
  readonly staff_id: string | null;
  readonly recipient: string | null;
  readonly reason: string | null;
}

/** Tables of evidence that is handed over. */
export interface EvidencePackageTables {
  readonly gate_batch: GateBatchTable;
  readonly evidence_package: EvidencePackageTable;
  readonly evidence_custody: EvidenceCustodyTable;
}
