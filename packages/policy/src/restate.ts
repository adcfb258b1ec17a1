import type { CredentialKey } from "@menshen/domain";
import { compareBytes, KEY_BYTES, viewOf } from "./columns.ts";
import { type SnapshotDocument, STATUSES } from "./document.ts";
import { readDocument } from "./document-read.ts";
import { writeColumns } from "./document-write.ts";
import { PolicyError } from "./errors.ts";
import type { CredentialStatus } from "./model.ts";

const STATUS_SHIFT = 7;
const STATUS_MASK = 0b11 << STATUS_SHIFT;

/** What a credential's record now says. */
export interface Restatement {
  readonly key: CredentialKey;
  readonly status: CredentialStatus;
}

/**
 * The document with other statuses of some credentials and a higher version, all else as it was: what compiling again
 * would give if nothing else changed, at a fraction of the cost. A revocation among a hundred thousand credentials goes
 * out by this at once; a full compilation may follow. Credentials that the document does not hold are left out.
 *
 * @throws {PolicyError} `invalid-version` unless `version` is a whole number above the document's
 */
export function restateCredentials(
  document: SnapshotDocument,
  version: number,
  restatements: readonly Restatement[],
): SnapshotDocument {
  if (!Number.isSafeInteger(version) || version <= document.version) {
    throw new PolicyError(
      "invalid-version",
      `version: expected above ${document.version}, came \`${version}\``,
    );
  }
  const { credentials } = readDocument(document);
  const traits = credentials.traits.slice();
  const view = viewOf(traits);
  for (const { key, status } of restatements) {
    const row = rowOf(credentials.keys, key);
    if (row === undefined) continue;
    const others = view.getUint16(row * 2) & ~STATUS_MASK;
    view.setUint16(row * 2, others | (STATUSES.indexOf(status) << STATUS_SHIFT));
  }
  return { ...document, version, credentials: writeColumns({ ...credentials, traits }) };
}

/** Rows rise by key. */
function rowOf(keys: Uint8Array, key: Uint8Array): number | undefined {
  let low = 0;
  let high = keys.length / KEY_BYTES - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const order = compareBytes(keys.subarray(middle * KEY_BYTES, (middle + 1) * KEY_BYTES), key);
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return undefined;
}
