import { CryptoError } from "./crypto-error.ts";

/** Lower-case hexadecimal text of `bytes`, two characters a byte. */
export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

/**
 * Bytes of hexadecimal text, either case, no separators.
 *
 * @throws {CryptoError} `bad-encoding` when a character is not hexadecimal or the count is odd.
 */
export function fromHex(text: string): Uint8Array<ArrayBuffer> {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) {
    // The text may be a key typed into a field, so it is not repeated.
    throw new CryptoError(
      "bad-encoding",
      `expected an even count of hexadecimal digits, got ${text.length} characters`,
    );
  }
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i += 1) {
    bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  }
  return bytes;
}

/** One new array holding all `parts` in order. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let lengthBytes = 0;
  for (const part of parts) lengthBytes += part.length;
  const joined = new Uint8Array(lengthBytes);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/**
 * Overwrites secrets with zeros once they are no longer needed.
 *
 * The runtime may have copied the bytes before (garbage collection, hashing contexts): this shortens a
 * secret's life in memory, it does not guarantee its absence.
 */
export function wipe(...secrets: readonly Uint8Array[]): void {
  for (const secret of secrets) secret.fill(0);
}

/** Whether two byte strings that are not secret are equal. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}
