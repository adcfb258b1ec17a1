import { ED25519_TORSION_SUBGROUP } from "@noble/curves/ed25519.js";
import { fromHex, toHex } from "./bytes.ts";

/** Encodings of y of the eight points of small order, the sign bit of x cleared. */
const smallOrder = new Set(ED25519_TORSION_SUBGROUP.map((point) => hexOfY(fromHex(point))));

/**
 * Whether 32 bytes may serve as an Ed25519 public key: canonical (y < 2^255 − 19) and not of small order,
 * under which one signature would fit many messages.
 *
 * Libraries differ on such keys; asking here first makes a browser and a server always agree.
 */
export function isAcceptableEd25519PublicKey(publicKey: Uint8Array): boolean {
  return publicKey.length === 32 && isBelowFieldPrime(publicKey) && !smallOrder.has(hexOfY(publicKey));
}

/** RFC 8032 §5.1.3 step 1: the low 255 bits, little-endian, below 2^255 − 19. */
function isBelowFieldPrime(publicKey: Uint8Array): boolean {
  const lowest = publicKey[0] ?? 0;
  const highest = (publicKey[31] ?? 0) & 0x7f;
  if (highest !== 0x7f || lowest < 0xed) return true;
  return publicKey.subarray(1, 31).some((byte) => byte !== 0xff);
}

function hexOfY(encodedPoint: Uint8Array): string {
  // A Buffer's own `slice` would give a view, and the caller's key would change under its hands.
  const y = Uint8Array.from(encodedPoint);
  y[31] = (y[31] ?? 0) & 0x7f;
  return toHex(y);
}
