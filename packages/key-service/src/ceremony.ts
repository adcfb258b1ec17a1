import { aesCmac, type RandomBytes, wipe } from "@menshen/crypto/node";
import { KeyServiceError } from "./errors.ts";
import { CHECK_MESSAGE, checkValueOf, SYMMETRIC_KEY_BYTES } from "./key-service.ts";

/** One person's part of a key, 16 bytes. Worth nothing without every other part. */
export interface KeyPart {
  readonly value: Uint8Array;
  /** Six digits that the person compares when the part is typed in again. */
  readonly checkValue: string;
}

/** Fewest persons at a ceremony. */
export const FEWEST_PARTS = 2;

/**
 * Draws one person's part, which only that person writes down.
 *
 * @param random the operating system's generator
 */
export function drawKeyPart(random: RandomBytes): KeyPart {
  return keyPart(random(SYMMETRIC_KEY_BYTES));
}

/**
 * A part that was written down before.
 *
 * @throws {KeyServiceError} `bad-argument` unless it is 16 bytes
 */
export function keyPart(value: Uint8Array): KeyPart {
  if (value.length !== SYMMETRIC_KEY_BYTES) {
    throw new KeyServiceError("bad-argument", `expected a part of ${SYMMETRIC_KEY_BYTES} bytes`);
  }
  return { value, checkValue: symmetricCheckValue(value) };
}

/**
 * The key that all parts give together: their exclusive or, so that all persons but one know nothing of it. The caller
 * gives it to a service or splits it, and wipes it.
 *
 * @throws {KeyServiceError} `bad-argument` for fewer than two parts, or one that stands twice (which would cancel it)
 */
export function combineKeyParts(parts: readonly KeyPart[]): Uint8Array {
  if (parts.length < FEWEST_PARTS) {
    throw new KeyServiceError("bad-argument", `expected the parts of at least ${FEWEST_PARTS} persons`);
  }
  const key = new Uint8Array(SYMMETRIC_KEY_BYTES);
  const seen = new Set<string>();
  for (const { value } of parts) {
    const text = String(value);
    if (seen.has(text)) {
      wipe(key);
      throw new KeyServiceError("bad-argument", "expected parts of different persons, one stands twice");
    }
    seen.add(text);
    for (const [index, byte] of value.entries()) key[index] = (key[index] ?? 0) ^ byte;
  }
  return key;
}

/** Check value of a symmetric key; see `KeyDescription`. */
export function symmetricCheckValue(key: Uint8Array): string {
  return checkValueOf(aesCmac(key, CHECK_MESSAGE));
}
