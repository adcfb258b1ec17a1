import { EvidenceError } from "./evidence-error.ts";

/** Bytes of a SHA-256 hash. */
export const HASH_BYTES = 32;

/** @throws {EvidenceError} `bad-length` */
export function requireLength(what: string, bytes: Uint8Array, expectedBytes: number): void {
  if (bytes.length !== expectedBytes) {
    throw new EvidenceError(
      "bad-length",
      `expected ${what} of ${expectedBytes} bytes, got ${bytes.length} bytes`,
    );
  }
}

/** Whether a number can be the size of a tree here: 0 to 2^53 − 1, the integers that JavaScript counts without loss. */
export function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** @throws {EvidenceError} `outside-tree` */
export function requireSize(size: number): void {
  if (!isSize(size)) throw new EvidenceError("outside-tree", `expected the size of a tree, got ${size}`);
}

/**
 * The number that an ASCII decimal without leading zeros says; `undefined` for other text and above 2^53 − 1.
 */
export function parseDecimal(text: string): number | undefined {
  if (!/^(0|[1-9][0-9]{0,15})$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}
