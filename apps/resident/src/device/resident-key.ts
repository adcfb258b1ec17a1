import {
  ed25519FromSecret,
  ed25519Sign,
  hkdfSha256,
  randomBytes,
  toHex,
  x25519PublicKey,
} from "@menshen/crypto";
import type { ResidentKeys } from "@menshen/wire";

export const SEED_BYTES = 32;

/** What a resident's seed gives: who they are to the server, and what opens their entries. */
export interface ResidentKey {
  /** Registered with the server. */
  readonly keys: ResidentKeys;
  /** X25519, 32 bytes: opens the wraps. */
  readonly trailSecret: Uint8Array;
  /** Ed25519 signature of a text, hexadecimal. */
  readonly sign: (text: string) => string;
}

/** A new seed, from the browser's own chance. */
export function makeSeed(): Uint8Array {
  return randomBytes(SEED_BYTES);
}

/**
 * The keys of a seed: HKDF-SHA256 with the infos `menshen/resident-auth/v1` and `menshen/resident-trail/v1`. Whoever has
 * the seed has everything, so nothing else needs to be kept.
 *
 * @param seed 32 bytes
 */
export function residentKeyOf(seed: Uint8Array): ResidentKey {
  const derive = (use: string) =>
    hkdfSha256(seed, new Uint8Array(), new TextEncoder().encode(`menshen/resident-${use}/v1`), SEED_BYTES);
  const auth = ed25519FromSecret(derive("auth"));
  const trailSecret = derive("trail");
  return {
    keys: { authKey: toHex(auth.publicKey), trailKey: toHex(x25519PublicKey(trailSecret)) },
    trailSecret,
    sign: (text) => toHex(ed25519Sign(auth.secretKey, new TextEncoder().encode(text))),
  };
}
