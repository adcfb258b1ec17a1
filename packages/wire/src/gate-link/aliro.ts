import type { Static } from "typebox";
import { makeCodec } from "../codec.ts";
import { bytes, list, map, optional, text, uint, version } from "../schema.ts";

/** As who a gate shows itself to telephones. Part of the keyring. */
export const aliroReaderSchema = map({
  /** Group identifier and the gate's own, 32 bytes. */
  identifier: [0, bytes(32)],
  /** P-256, of this gate alone. */
  secretKey: [1, bytes(32)],
  /** Profile 0000, by the group's key. */
  certificate: [2, bytes(1, 1024)],
  /** The group's public key; its secret key never leaves the server. */
  groupKey: [3, bytes(65)],
});

/** What a gate needs to read telephones by Aliro. */
export const aliroKeysSchema = map({
  /** The one to try first first; two while telephones move to a new group. */
  readers: [0, list(aliroReaderSchema, 2)],
  /** Public keys whose documents are read; what they say counts with a proof of the evidence log only. */
  documentIssuers: [1, list(bytes(65), 4)],
  /** The newest revocation document, if any access document that lives was revoked. */
  revocations: [2, optional(bytes(1, 16_384))],
});

/** As large as a telephone can carry beside what a document allows. */
export const DOCUMENT_PROOF_MAX_BYTES = 12 * 1024;

/**
 * What an access document carries beside what it allows, for gates without a network: that the credential stands in the
 * evidence log. Of the parts of `proofs`, for one credential.
 */
export const documentProofSchema = map({
  version: [0, version(1)],
  /** Signed note with the witnesses' cosignatures. */
  checkpoint: [1, text(8 * 1024)],
  /** The credential's and its homes', by rising index. */
  leaves: [
    2,
    list(map({ index: [0, uint()], statement: [1, text(12 * 1024)], salt: [2, bytes(32)] }), 16, 1),
  ],
  /** Of the homes whose credential it is. */
  homeKeys: [3, list(bytes(32), 8)],
  proof: [4, list(bytes(32), 512)],
});

export type AliroKeys = Static<typeof aliroKeysSchema>;
export type DocumentProof = Static<typeof documentProofSchema>;

export const documentProof = makeCodec(documentProofSchema, DOCUMENT_PROOF_MAX_BYTES);
