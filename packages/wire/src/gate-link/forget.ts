import { GateId } from "@menshen/domain";
import type { Static } from "typebox";
import { makeCodec } from "../codec.ts";
import { bytes, instant, list, map, optional, text, uint, uuid, version } from "../schema.ts";

/** As many credentials of one person at most. */
export const FORGET_MOST_CREDENTIALS = 256;

/** Signed by the community policy key: somebody was deleted, and these were their credentials. Never who it was. */
export const forgetSchema = map({
  version: [0, version(1)],
  gateId: [1, uuid(GateId)],
  deletionId: [2, bytes(16)],
  issuedAt: [3, instant()],
  credentialKeys: [4, list(bytes(16), FORGET_MOST_CREDENTIALS)],
});

/**
 * Signed by the gate: a receipt of the deletion. Sent once none of the credentials stands in a document that it holds and
 * what it kept of each is gone; said again when asked again.
 */
export const forgottenSchema = map({
  version: [0, version(1)],
  gateId: [1, uuid(GateId)],
  deletionId: [2, bytes(16)],
  /** SHA-256 over `menshen forget v1`, the deletion's id and the credential keys as they came. */
  listHash: [3, bytes(32)],
  /** When it was done, as the gate knows the time. */
  earliest: [4, instant()],
  latest: [5, instant()],
  /** Versions of the documents that were looked through; 0 for none held. */
  snapshotVersion: [6, uint()],
  keyringVersion: [7, uint()],
  passDocument: [8, uint()],
  /** Records that were there and were overwritten: of counting, and of telephones. */
  counters: [9, uint()],
  telephones: [10, uint()],
  /**
   * When the last entry of its journal that may be sealed to this person is dead: until then no gate reads it, and two
   * custodians together may. Absent where nothing is sealed.
   */
  sealedUntil: [11, optional(instant())],
  softwareVersion: [12, text(64)],
});

export type ForgetMessage = Static<typeof forgetSchema>;
export type ForgottenMessage = Static<typeof forgottenSchema>;

export const forgetMessage = makeCodec(forgetSchema, 8_192);
export const forgottenMessage = makeCodec(forgottenSchema, 512);

/** What {@link ForgottenMessage}'s `listHash` is the SHA-256 of. */
export function forgetList(deletionId: Uint8Array, credentialKeys: readonly Uint8Array[]): Uint8Array {
  const parts = [new TextEncoder().encode("menshen forget v1"), deletionId, ...credentialKeys];
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
