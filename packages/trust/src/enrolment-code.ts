import { constantTimeEqual, sha256 } from "@menshen/crypto/node";
import { TrustError } from "./errors.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const HALF_BYTES = 10;
const HALF_CHARACTERS = 16;

/** What an installer types at a gate. */
export interface EnrolmentCode {
  /** Proves that the gate was invited; one use. 10 bytes. */
  readonly secret: Uint8Array;
  /** First 10 bytes of SHA-256 over the CA certificate: the gate checks the server before it sends the secret. */
  readonly caFingerprint: Uint8Array;
}

/** First 10 bytes of SHA-256 over a DER certificate, as enrolment codes carry it. */
export function caFingerprint(caCertificate: Uint8Array): Uint8Array {
  return sha256(caCertificate).slice(0, HALF_BYTES);
}

/** `secret`: 10 random bytes. Gives e.g. `KRSXG5CTMVRXEZLU-MFRGGZDFMZTWQ2LK` (RFC 4648 §6, each half 16 characters). */
export function formatEnrolmentCode(secret: Uint8Array, caCertificate: Uint8Array): string {
  if (secret.length !== HALF_BYTES) throw new TrustError("bad-code", `expected ${HALF_BYTES} random bytes`);
  return `${base32(secret)}-${base32(caFingerprint(caCertificate))}`;
}

/**
 * Reads a code as a person types it: lower case and spaces do not matter.
 *
 * @throws {TrustError} `bad-code`
 */
export function parseEnrolmentCode(text: string): EnrolmentCode {
  const [secret, fingerprint, ...rest] = text.replaceAll(/\s/g, "").toUpperCase().split("-").map(fromBase32);
  if (secret === undefined || fingerprint === undefined || rest.length > 0) {
    throw new TrustError("bad-code", `expected two groups of ${HALF_CHARACTERS} letters and digits 2 to 7`);
  }
  return { secret, caFingerprint: fingerprint };
}

/** Whether a CA certificate is the one that an enrolment code vouches for. */
export function codeVouchesFor(code: EnrolmentCode, caCertificate: Uint8Array): boolean {
  return constantTimeEqual(code.caFingerprint, caFingerprint(caCertificate));
}

function base32(bytes: Uint8Array): string {
  let text = "";
  let bits = 0;
  let bitCount = 0;
  for (const byte of bytes) {
    bits = (bits << 8) | byte;
    for (bitCount += 8; bitCount >= 5; bitCount -= 5) text += ALPHABET[(bits >>> (bitCount - 5)) & 31];
    bits &= (1 << bitCount) - 1;
  }
  return text;
}

function fromBase32(text: string): Uint8Array | undefined {
  if (text.length !== HALF_CHARACTERS) return undefined;
  const bytes = new Uint8Array(HALF_BYTES);
  let bits = 0;
  let bitCount = 0;
  let length = 0;
  for (const character of text) {
    const value = ALPHABET.indexOf(character);
    if (value < 0) return undefined;
    bits = ((bits << 5) | value) & 0xfff;
    bitCount += 5;
    if (bitCount >= 8) {
      bitCount -= 8;
      bytes[length++] = (bits >>> bitCount) & 0xff;
    }
  }
  return bytes;
}
