import { requireX25519 } from "./checks.ts";
import { CryptoError } from "./crypto-error.ts";

/** PKCS #8 of an X25519 key, up to the key (RFC 8410 §7). */
export const X25519_PKCS8_PREFIX = Uint8Array.of(
  ...[0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e, 0x04, 0x22, 0x04, 0x20],
);

/** X25519 with one secret key; `undefined` for a public key of small order or of another length. */
export type X25519Agreement = (publicKey: Uint8Array) => Promise<Uint8Array | undefined>;

/**
 * Hands a secret key to WebCrypto, which is several times faster than JavaScript where it is to agree many times.
 *
 * @param secretKey 32 bytes
 * @throws {CryptoError} `bad-length`; `unavailable` where WebCrypto or its X25519 is missing
 */
export async function importX25519(secretKey: Uint8Array): Promise<X25519Agreement> {
  requireX25519(secretKey);
  const pkcs8 = new Uint8Array([...X25519_PKCS8_PREFIX, ...secretKey]);
  const algorithm = { name: "X25519" };
  try {
    const { subtle } = globalThis.crypto;
    const key = await subtle.importKey("pkcs8", pkcs8, algorithm, false, ["deriveBits"]);
    return async (publicKey) => {
      try {
        const theirs = await subtle.importKey("raw", new Uint8Array(publicKey), algorithm, false, []);
        return new Uint8Array(await subtle.deriveBits({ name: "X25519", public: theirs }, key, 256));
      } catch {
        return undefined; // WebCrypto refuses a shared secret of zero and keys of another length
      }
    };
  } catch (cause) {
    throw new CryptoError("unavailable", "expected WebCrypto with X25519", { cause });
  } finally {
    pkcs8.fill(0);
  }
}
