import type { AccessPointId, CommunityId, GateId, Grade, Instant, PortalId } from "@menshen/domain";

/** A loaded, checked snapshot: what `decide` reads. Never changed after loading. */
export interface Snapshot {
  readonly version: number;
  readonly gateId: GateId;
  readonly communityId: CommunityId;
  /** Local time is known for `from` ≤ t < `until`; after that only unrestricted rules answer. */
  readonly from: Instant;
  readonly until: Instant;
  readonly timeZone: string;
  readonly portals: readonly SnapshotPortal[];
  readonly accessPoints: readonly SnapshotAccessPoint[];
  readonly credentialCount: number;
}

export interface SnapshotPortal {
  readonly id: PortalId;
  readonly unlockMs: number;
  readonly heldOpenLimitMs: number;
}

export interface SnapshotAccessPoint {
  readonly id: AccessPointId;
  readonly portalId: PortalId;
  readonly minimumGrade: Grade;
}

/** Why a document or delta was refused. `where` names the field, never its content. */
export interface DocumentFault {
  readonly code: "malformed" | "unknown-version" | "too-large" | "inconsistent" | "base-mismatch";
  readonly where: string;
}

export type LoadResult =
  | { readonly ok: true; readonly snapshot: Snapshot }
  | { readonly ok: false; readonly error: DocumentFault };
