import type { Primitives } from "@menshen/crypto";
import { concatBytes } from "@menshen/crypto";
import { CredentialError } from "../credential-error.ts";
import { doubleInGf128 } from "./gf128.ts";

/** AN10922 §2.2: constant in front of the input of an AES-128 diversification. */
const AES_128_CONSTANT = 0x01;

/** Input plus constant fill two AES blocks at most. */
const MAX_INPUT_BYTES = 31;

/**
 * An AES-128 key of one card from a master key (NXP AN10922 §2.2).
 *
 * CMAC over `01 || input`, which is ALWAYS padded to 32 bytes: shorter inputs are not CMACed as one block.
 * For Menshen's own input see `diversificationInput`.
 *
 * @param masterKey 16 bytes; lives in the back office, never at a gate
 * @param input 1 to 31 bytes that name the card and the use
 * @returns 16 bytes
 * @throws {CredentialError} `bad-argument` for other lengths
 */
export function diversifyAes128(
  primitives: Pick<Primitives, "aesCbcEncrypt" | "aesEncryptBlock" | "aesCmac">,
  masterKey: Uint8Array,
  input: Uint8Array,
): Uint8Array {
  if (masterKey.length !== 16 || input.length < 1 || input.length > MAX_INPUT_BYTES) {
    throw new CredentialError("bad-argument", "expected a 16-byte master key and 1 to 31 input bytes");
  }
  const message = concatBytes(Uint8Array.of(AES_128_CONSTANT), input);
  if (message.length > 16) return primitives.aesCmac(masterKey, message);

  // Up to 16 bytes CMAC would take one block; AN10922 takes two, the second one masked with K2.
  const padded = new Uint8Array(32);
  padded.set(message);
  padded[message.length] = 0x80;
  const k2 = doubleInGf128(doubleInGf128(primitives.aesEncryptBlock(masterKey, new Uint8Array(16))));
  for (let i = 0; i < 16; i += 1) padded[16 + i] = (padded[16 + i] ?? 0) ^ (k2[i] ?? 0);
  return primitives.aesCbcEncrypt(masterKey, new Uint8Array(16), padded).slice(16);
}
