import { coseVerify1, equalBytes, sha256 } from "@menshen/crypto/node";
import type { CommunityId, GateId } from "@menshen/domain";
import {
  applyDelta,
  type DocumentFault,
  loadSnapshot,
  readSnapshotDocument,
  type Snapshot,
  type SnapshotDocument,
} from "@menshen/policy";
import {
  type AppliedError,
  decodePolicyDocument,
  deltaMessage,
  encodePolicyDocument,
  externalAad,
  SNAPSHOT_MAX_BYTES,
  snapshotMessage,
  WireError,
} from "@menshen/wire";

/** A snapshot or a change of it as it came, and what this gate holds already. Plain values, for another thread. */
export interface SnapshotRequest {
  readonly kind: "snapshot" | "delta";
  readonly message: Uint8Array;
  readonly policyKey: Uint8Array;
  readonly gateId: GateId;
  readonly communityId: CommunityId;
  /** The snapshot in force. */
  readonly held:
    | {
        readonly version: number;
        readonly bytes: Uint8Array;
        /** False if it must come again to be stored. */
        readonly stored: boolean;
      }
    | undefined;
}

export type SnapshotAnswer =
  /** `bytes`: the document as it is stored, before sealing. */
  | { readonly outcome: "checked"; readonly snapshot: Snapshot; readonly bytes: Uint8Array }
  /** This very version is in force already. */
  | { readonly outcome: "held"; readonly version: number }
  | { readonly outcome: "refused"; readonly error: AppliedError; readonly version: number };

/** A document is not put in force. */
export class Refusal extends Error {
  readonly error: AppliedError;
  readonly version: number;
  constructor(error: AppliedError, version: number) {
    super(error);
    this.error = error;
    this.version = version;
  }
}

/** Checks signature, addressee, version and content; what it answers can be put in force. Never throws. */
export function checkSnapshot(request: SnapshotRequest): SnapshotAnswer {
  try {
    const verification = coseVerify1({
      message: request.message,
      key: { alg: "EdDSA", publicKey: request.policyKey },
      externalAad: externalAad(request.kind),
    });
    if (!verification.verified) throw new Refusal("bad-signature", 0);
    return request.kind === "snapshot"
      ? checkWhole(request, verification.payload)
      : checkDelta(request, verification.payload);
  } catch (fault) {
    return { outcome: "refused", ...refusalOf(fault) };
  }
}

/**
 * The snapshot in the bytes of a document.
 *
 * @throws {Refusal} {@link WireError}
 */
export function readSnapshot(
  bytes: Uint8Array,
  version: number,
  place: Pick<SnapshotRequest, "gateId" | "communityId">,
): Snapshot {
  return loaded(decodePolicyDocument(bytes, SNAPSHOT_MAX_BYTES), version, place);
}

export function refusalOf(fault: unknown): { readonly error: AppliedError; readonly version: number } {
  if (fault instanceof Refusal) return { error: fault.error, version: fault.version };
  if (fault instanceof WireError) {
    return { error: fault.code === "unknown-version" ? "unknown-version" : "invalid", version: 0 };
  }
  return { error: "invalid", version: 0 };
}

function checkWhole(request: SnapshotRequest, payload: Uint8Array): SnapshotAnswer {
  const { gateId, snapshotVersion, document } = snapshotMessage.decode(payload);
  if (gateId !== request.gateId) throw new Refusal("wrong-gate", snapshotVersion);
  if (isHeld(request, snapshotVersion)) return { outcome: "held", version: snapshotVersion };
  // A copy: what is kept must not keep the whole message.
  const bytes = document.slice();
  return { outcome: "checked", snapshot: readSnapshot(bytes, snapshotVersion, request), bytes };
}

function checkDelta(request: SnapshotRequest, payload: Uint8Array): SnapshotAnswer {
  const { gateId, baseVersion, snapshotVersion, delta, documentHash } = deltaMessage.decode(payload);
  if (gateId !== request.gateId) throw new Refusal("wrong-gate", snapshotVersion);
  if (isHeld(request, snapshotVersion)) return { outcome: "held", version: snapshotVersion };
  const { held } = request;
  if (held?.version !== baseVersion) throw new Refusal("base-differs", snapshotVersion);
  const result = applyDelta(
    documentIn(held.bytes, baseVersion),
    decodePolicyDocument(delta, SNAPSHOT_MAX_BYTES),
  );
  if (!result.ok) throw new Refusal(errorOf(result.error), snapshotVersion);
  const bytes = encodePolicyDocument(result.document);
  if (!equalBytes(sha256(bytes), documentHash)) throw new Refusal("base-differs", snapshotVersion);
  return { outcome: "checked", snapshot: loaded(result.document, snapshotVersion, request), bytes };
}

function isHeld({ held }: SnapshotRequest, version: number): boolean {
  if (held === undefined) return false;
  if (version < held.version) throw new Refusal("older-version", version);
  return version === held.version && held.stored;
}

function documentIn(bytes: Uint8Array, version: number): SnapshotDocument {
  const read = readSnapshotDocument(decodePolicyDocument(bytes, SNAPSHOT_MAX_BYTES));
  if (!read.ok) throw new Refusal(errorOf(read.error), version);
  return read.document;
}

function loaded(
  document: unknown,
  version: number,
  place: Pick<SnapshotRequest, "gateId" | "communityId">,
): Snapshot {
  const result = loadSnapshot(document);
  if (!result.ok) throw new Refusal(errorOf(result.error), version);
  const { snapshot } = result;
  if (snapshot.gateId !== place.gateId) throw new Refusal("wrong-gate", version);
  if (snapshot.version !== version || snapshot.communityId !== place.communityId) {
    throw new Refusal("invalid", version);
  }
  return snapshot;
}

function errorOf({ code }: DocumentFault): AppliedError {
  if (code === "unknown-version") return "unknown-version";
  return code === "base-mismatch" ? "base-differs" : "invalid";
}
