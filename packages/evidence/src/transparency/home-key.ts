import type { Primitives } from "@menshen/crypto";
import { concatBytes } from "@menshen/crypto";
import { requireLength } from "../checks.ts";
import { EvidenceError } from "../evidence-error.ts";
import { utf8 } from "../note/note-text.ts";

/** What finding a home's credentials takes of `@menshen/crypto`. */
export type HomeHashing = Pick<Primitives, "sha256" | "hmacSha256">;

/** Bytes of a home key, and of its commitment. */
export const HOME_KEY_BYTES = 32;
/**
 * How many numbers a home gives to its credentials, from 0, none twice. Few enough that residents compute the tags of all
 * of them and look for each in the log: there is no number to hide under.
 */
export const HOME_NUMBERS = 4096;

const TAG_BYTES = 16;

/**
 * SHA-256 over `menshen/home-key/v1` and the key: what the log says publicly of a home's key.
 *
 * @throws {EvidenceError} `bad-length` for a key that is not 32 bytes
 */
export function homeKeyCommitment(crypto: HomeHashing, homeKey: Uint8Array): Uint8Array {
  requireLength("a home key", homeKey, HOME_KEY_BYTES);
  return crypto.sha256(concatBytes(utf8("menshen/home-key/v1"), homeKey));
}

/**
 * Tag of the leaf of a home's credential: the first 16 bytes of HMAC-SHA256 under the home key over
 * `menshen/credential-tag/v1` and the number, two bytes, the more significant first. Who holds the key finds the leaf in
 * the log; to everybody else it is chance.
 *
 * @throws {EvidenceError} `bad-length` for a key that is not 32 bytes; `outside-tree` for a number from {@link HOME_NUMBERS} on
 */
export function credentialTag(crypto: HomeHashing, homeKey: Uint8Array, number: number): Uint8Array {
  requireLength("a home key", homeKey, HOME_KEY_BYTES);
  if (!isHomeNumber(number)) {
    throw new EvidenceError("outside-tree", `expected a number below ${HOME_NUMBERS}, got ${number}`);
  }
  const message = concatBytes(utf8("menshen/credential-tag/v1"), Uint8Array.of(number >> 8, number & 255));
  return crypto.hmacSha256(homeKey, message).slice(0, TAG_BYTES);
}

/** Whether a home may give this number to a credential. */
export function isHomeNumber(number: number): boolean {
  return Number.isInteger(number) && number >= 0 && number < HOME_NUMBERS;
}
