import * as nodeCrypto from "node:crypto";
import { requireX25519 } from "../checks.ts";
import type { Primitives } from "../primitives.ts";
import { X25519_PKCS8_PREFIX } from "../x25519-import.ts";

/** SubjectPublicKeyInfo of an X25519 key, up to the key (RFC 8410 §4). */
const SPKI_PREFIX = Uint8Array.of(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e, 0x03, 0x21, 0x00);

/** See {@link Primitives.x25519PublicKey}. */
export const x25519PublicKey: Primitives["x25519PublicKey"] = (secretKey) => {
  requireX25519(secretKey);
  const key = nodeCrypto.createPublicKey(privateKeyOf(secretKey));
  return new Uint8Array(key.export({ format: "der", type: "spki" }).subarray(SPKI_PREFIX.length));
};

/** See {@link Primitives.x25519Agree}. */
export const x25519Agree: Primitives["x25519Agree"] = (secretKey, publicKey) => {
  requireX25519(secretKey, publicKey);
  const key = Buffer.concat([SPKI_PREFIX, publicKey]);
  try {
    return new Uint8Array(
      nodeCrypto.diffieHellman({
        privateKey: privateKeyOf(secretKey),
        publicKey: nodeCrypto.createPublicKey({ key, format: "der", type: "spki" }),
      }),
    );
  } catch {
    // The lengths fit: what is left is a shared secret of zero, which OpenSSL refuses.
    return undefined;
  }
};

function privateKeyOf(secretKey: Uint8Array): nodeCrypto.KeyObject {
  const key = Buffer.concat([X25519_PKCS8_PREFIX, secretKey]);
  try {
    return nodeCrypto.createPrivateKey({ key, format: "der", type: "pkcs8" });
  } finally {
    key.fill(0);
  }
}
