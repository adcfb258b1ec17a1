import { aesGcmOpen, aesGcmSeal, hkdfSha256, randomBytes } from "@menshen/crypto";
import { SEED_BYTES } from "../device/resident-key.ts";

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Nonce, secret, tag. */
const SEALED_BYTES = NONCE_BYTES + SEED_BYTES + TAG_BYTES;

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** What a passkey is asked for (WebAuthn's extension `prf`): the same passkey gives the same answer, here alone. */
export function prfInput(communityId: string): Uint8Array<ArrayBuffer> {
  return bytesOf(`menshen/resident-passkey-prf/v1 ${communityId}`);
}

function sealingKey(prfOutput: Uint8Array): Uint8Array {
  return hkdfSha256(prfOutput, new Uint8Array(), bytesOf("menshen/resident-passkey-seal/v1"), 32);
}

/**
 * Seals the device's secret to what a passkey answered; AES-256-GCM, bound to the community.
 *
 * @param prfOutput 32 bytes
 * @returns 60 bytes
 */
export function sealSeed(prfOutput: Uint8Array, communityId: string, seed: Uint8Array): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  const sealed = aesGcmSeal(sealingKey(prfOutput), nonce, seed, bytesOf(communityId));
  return Uint8Array.from([...nonce, ...sealed]);
}

/** The secret; undefined for what was sealed to another passkey, for another community, or changed since. */
export function openSeed(
  prfOutput: Uint8Array,
  communityId: string,
  sealed: Uint8Array,
): Uint8Array | undefined {
  if (sealed.length !== SEALED_BYTES) return undefined;
  const nonce = sealed.subarray(0, NONCE_BYTES);
  return aesGcmOpen(sealingKey(prfOutput), nonce, sealed.subarray(NONCE_BYTES), bytesOf(communityId));
}
