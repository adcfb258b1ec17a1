import { equalBytes } from "@menshen/crypto/node";
import type { Branded } from "@menshen/domain";
import { OsdpError } from "../osdp-error.ts";

export const SCBK_BYTES = 16;

/** A secure channel base key: 16 bytes shared by one panel and one peripheral. */
export type Scbk = Branded<Uint8Array, "Scbk">;

/** SCBK-D, printed in the standard (SIA OSDP v2.2 Annex D.7): no secret, only good for handing over a real key. */
export const SCBK_D = Uint8Array.from({ length: SCBK_BYTES }, (_, index) => 0x30 + index);

/**
 * A key fit to protect a door.
 *
 * @returns a copy; the caller may wipe `bytes`
 * @throws {OsdpError} `weak-key` unless it is 16 bytes that nobody would try first: not SCBK-D, not one byte or a short
 *   pattern repeated, not counting up or down in even steps (the keys of samples, manuals and Mellon's list)
 */
export function parseScbk(bytes: Uint8Array): Scbk {
  const key = parseLabScbk(bytes);
  if (isPatterned(key))
    throw new OsdpError("weak-key", "expected a random key, came a default or patterned one");
  return key;
}

/**
 * Any 16 bytes: for published vectors, for probing a reader at a desk and for emulating one. A door's panel takes its
 * keys through `parseScbk` only.
 *
 * @throws {OsdpError} `weak-key` unless there are 16 bytes
 */
export function parseLabScbk(bytes: Uint8Array): Scbk {
  if (bytes.length !== SCBK_BYTES) {
    throw new OsdpError("weak-key", `expected a key of ${SCBK_BYTES} bytes, came ${bytes.length}`);
  }
  return Uint8Array.from(bytes) as Scbk;
}

/** Whether `parseScbk` refuses the key as guessable. */
export function isPatterned(key: Uint8Array): boolean {
  return equalBytes(key, SCBK_D) || hasEvenSteps(key) || [1, 2, 4, 8].some((period) => repeats(key, period));
}

function hasEvenSteps(key: Uint8Array): boolean {
  const step = stepAt(key, 1);
  return key.every((_, index) => index === 0 || stepAt(key, index) === step);
}

function stepAt(key: Uint8Array, index: number): number {
  return ((key[index] ?? 0) - (key[index - 1] ?? 0)) & 0xff;
}

function repeats(key: Uint8Array, period: number): boolean {
  return key.every((byte, index) => index < period || byte === key[index - period]);
}
