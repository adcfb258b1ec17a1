import type { SnapshotDelta, SnapshotDocument } from "./document.ts";
import { PolicyError } from "./errors.ts";
import type { DocumentFault } from "./snapshot.ts";

export type ApplyResult =
  | { readonly ok: true; readonly document: SnapshotDocument }
  | { readonly ok: false; readonly error: DocumentFault };

/** What turns `base` into `next`; both of the same gate. */
export function diffSnapshots(_base: SnapshotDocument, _next: SnapshotDocument): SnapshotDelta {
  throw new PolicyError("invalid-model", "not built yet");
}

/** Applies a delta as it came over the wire; a base of another version answers `base-mismatch`. */
export function applyDelta(_base: SnapshotDocument, _delta: unknown): ApplyResult {
  return { ok: false, error: { code: "malformed", where: "not built yet" } };
}
