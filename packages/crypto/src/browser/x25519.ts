import { x25519 } from "@noble/curves/ed25519.js";
import { requireX25519 } from "../checks.ts";
import type { Primitives } from "../primitives.ts";

/** See {@link Primitives.x25519PublicKey}. */
export const x25519PublicKey: Primitives["x25519PublicKey"] = (secretKey) => {
  requireX25519(secretKey);
  return x25519.getPublicKey(secretKey);
};

/** See {@link Primitives.x25519Agree}. About 1 ms; `importX25519` is faster for many. */
export const x25519Agree: Primitives["x25519Agree"] = (secretKey, publicKey) => {
  requireX25519(secretKey, publicKey);
  try {
    return x25519.getSharedSecret(secretKey, publicKey);
  } catch {
    // The lengths fit: what is left is a shared secret of zero.
    return undefined;
  }
};
