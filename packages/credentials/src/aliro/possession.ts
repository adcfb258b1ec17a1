import { concatBytes } from "@menshen/crypto";
import { CredentialError } from "../credential-error.ts";
import type { AliroPrimitives } from "./aliro-primitives.ts";
import { deviceSignatureInput } from "./key-derivation.ts";

/** What a device signed in one standard transaction: enough for somebody else to check that it holds its key. */
export interface AliroPossession {
  /** 65 bytes. */
  readonly publicKey: Uint8Array;
  /** 65 bytes. */
  readonly deviceEphemeral: Uint8Array;
  /** 65 bytes. */
  readonly readerEphemeral: Uint8Array;
  /** 16 bytes. */
  readonly transactionId: Uint8Array;
  /** 64 bytes, r then s. */
  readonly signature: Uint8Array;
}

/** Length of {@link encodePossession}'s bytes. */
export const POSSESSION_BYTES = 275;

/** The parts in the order of {@link AliroPossession}, each of its fixed length: 275 bytes. */
export function encodePossession(possession: AliroPossession): Uint8Array {
  const { publicKey, deviceEphemeral, readerEphemeral, transactionId, signature } = possession;
  return concatBytes(publicKey, deviceEphemeral, readerEphemeral, transactionId, signature);
}

/** @throws {CredentialError} `malformed` for another length */
export function parsePossession(bytes: Uint8Array): AliroPossession {
  if (bytes.length !== POSSESSION_BYTES) {
    throw new CredentialError("malformed", `expected ${POSSESSION_BYTES} bytes of a proof of possession`);
  }
  return {
    publicKey: bytes.slice(0, 65),
    deviceEphemeral: bytes.slice(65, 130),
    readerEphemeral: bytes.slice(130, 195),
    transactionId: bytes.slice(195, 211),
    signature: bytes.slice(211),
  };
}

/**
 * Whether a device that holds the key signed to the reader of this identifier. That it was now is for the caller to
 * know: by an identifier that was never used before.
 *
 * @param readerIdentifier group and, behind it, the reader in it; 32 bytes
 */
export function provesPossession(
  primitives: Pick<AliroPrimitives, "p256Verify">,
  possession: AliroPossession,
  readerIdentifier: Uint8Array,
): boolean {
  const { publicKey, deviceEphemeral, readerEphemeral, transactionId, signature } = possession;
  const signed = deviceSignatureInput({ readerIdentifier, deviceEphemeral, readerEphemeral, transactionId });
  return primitives.p256Verify(publicKey, signed, signature);
}
