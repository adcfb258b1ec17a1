import { diffSnapshots, readSnapshotDocument, type SnapshotDocument } from "@menshen/policy";
import { decodePolicyDocument, encodePolicyDocument, SNAPSHOT_MAX_BYTES } from "@menshen/wire";

/** A delta that saves less than this share is not worth its risk of a base that differs. */
const DELTA_WORTH = 0.5;

/** The document in stored bytes; undefined for one that this version cannot read. */
export function readDocument(bytes: Uint8Array): SnapshotDocument | undefined {
  const result = readSnapshotDocument(decodePolicyDocument(bytes, SNAPSHOT_MAX_BYTES));
  return result.ok ? result.document : undefined;
}

/** Change from one snapshot of a gate to a later one; undefined if the whole one is better. */
export function deltaOf(base: Uint8Array, next: Uint8Array): Uint8Array | undefined {
  const old = readDocument(base);
  const now = readDocument(next);
  if (old === undefined || now === undefined) return undefined;
  const delta = encodePolicyDocument(diffSnapshots(old, now));
  return delta.length < next.length * DELTA_WORTH ? delta : undefined;
}
