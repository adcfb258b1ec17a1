import { GateId } from "@menshen/domain";
import type { Static } from "typebox";
import { makeCodec } from "../codec.ts";
import { bytes, list, map, text, uint, uuid, version } from "../schema.ts";

/** As many credentials a gate asks about at once. */
export const MAX_WANTED_PROOFS = 256;

/** A credential and the registration of each of its homes; people have few. */
const MAX_LEAVES = 4 * MAX_WANTED_PROOFS;
/** Hashes that are no leaf's, of a tree with 2^53 leaves at most. */
const MAX_PROOF = 16 * 1024;
const PROOFS_MAX_BYTES = 4 * 1024 * 1024;

/** Unsigned (mutual TLS): credentials of the snapshot in force that this gate does not know to be in the evidence log. */
export const proofsRequestSchema = map({
  version: [0, version(1)],
  gateId: [1, uuid(GateId)],
  wanted: [
    2,
    list(
      map({
        credentialKey: [0, bytes(16)],
        /** Its leaf must not stand before: size of the tree when the credential was last taken away; 0 for none. */
        floor: [1, uint()],
      }),
      MAX_WANTED_PROOFS,
      1,
    ),
  ],
});

/** Signed by the community policy key: proofs, sealed to the gate because of the home keys. */
export const sealedProofsSchema = map({
  version: [0, version(1)],
  gateId: [1, uuid(GateId)],
  /** HPKE encapsulated key (RFC 9180, DHKEM X25519). */
  encapsulatedKey: [2, bytes(32)],
  ciphertext: [3, bytes(16, PROOFS_MAX_BYTES)],
});

/** What the log says of credentials asked for, as far as it says anything yet. */
export const credentialProofsSchema = map({
  version: [0, version(1)],
  gateId: [1, uuid(GateId)],
  /** Signed note, with the witnesses' cosignatures once they are there. */
  checkpoint: [2, text(16 * 1024)],
  /** By rising index. */
  leaves: [
    3,
    list(
      map({
        index: [0, uint()],
        /** Canonical JSON. */
        statement: [1, text(16 * 1024)],
        salt: [2, bytes(32)],
      }),
      MAX_LEAVES,
      1,
    ),
  ],
  /** Of the homes whose credentials are among the leaves. */
  homeKeys: [4, list(bytes(32), MAX_LEAVES)],
  /** That all the leaves stand in the checkpoint's tree: hashes of the subtrees without any, from left to right. */
  proof: [5, list(bytes(32), MAX_PROOF)],
});

export type ProofsRequest = Static<typeof proofsRequestSchema>;
export type SealedProofs = Static<typeof sealedProofsSchema>;
export type CredentialProofsMessage = Static<typeof credentialProofsSchema>;

export const proofsRequest = makeCodec(proofsRequestSchema, 16 * 1024);
export const sealedProofs = makeCodec(sealedProofsSchema, PROOFS_MAX_BYTES + 256);
export const credentialProofs = makeCodec(credentialProofsSchema, PROOFS_MAX_BYTES);
