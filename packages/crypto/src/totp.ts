import { CryptoError } from "./crypto-error.ts";

/** Hash under the HMAC of a one-time code (RFC 6238 §1.2). */
export type TotpHash = "sha1" | "sha256" | "sha512";

/** What a time-based one-time code is computed from. */
export interface TotpParameters {
  /** Shared secret, any length. */
  readonly secret: Uint8Array;
  /** The moment, in seconds since 1970-01-01T00:00:00Z; not negative. */
  readonly timeS: number;
  /** Length of a step in seconds, 30 unless told. */
  readonly stepS?: number;
  /** Digits of the code, 6 to 8; 6 unless told. */
  readonly digits?: number;
  /** SHA-1 unless told, as authenticator apps do. */
  readonly hash?: TotpHash;
}

/**
 * RFC 6238 over RFC 4226 §5.3, for the HMAC of one module.
 *
 * @throws {CryptoError} `bad-length` for a step, moment or digit count outside the stated ranges
 */
export function makeTotp(
  hmac: (hash: TotpHash, key: Uint8Array, data: Uint8Array) => Uint8Array,
): (parameters: TotpParameters) => string {
  return ({ secret, timeS, stepS = 30, digits = 6, hash = "sha1" }) => {
    if (!Number.isInteger(digits) || digits < 6 || digits > 8) {
      throw new CryptoError("bad-length", `expected 6 to 8 digits, got ${digits}`);
    }
    if (!(stepS >= 1) || !(timeS >= 0) || !Number.isFinite(timeS)) {
      throw new CryptoError("bad-length", "expected a step of at least 1 s and a moment not before 1970");
    }
    const counter = new Uint8Array(8);
    new DataView(counter.buffer).setBigUint64(0, BigInt(Math.floor(timeS / stepS)));
    const mac = hmac(hash, secret, counter);
    const offset = (mac.at(-1) ?? 0) & 0x0f;
    const truncated = new DataView(mac.buffer, mac.byteOffset, mac.length).getUint32(offset) & 0x7fffffff;
    return String(truncated % 10 ** digits).padStart(digits, "0");
  };
}
