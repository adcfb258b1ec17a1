import { fromHex, toHex } from "@menshen/crypto";
import { type ResidentPasskey, residentPasskeyEndpoints, residentPasskeyTexts } from "@menshen/wire";
import { ApiError, call } from "../api/client.ts";
import { withSession } from "../api/session.ts";
import type { DeviceOwner } from "../device/device-store.ts";
import { residentKeyOf } from "../device/resident-key.ts";
import { askPasskey, createPasskey } from "./browser-passkeys.ts";
import { openSeed, prfInput, sealSeed } from "./passkey-secret.ts";

/** The device has a passkey, but none that can open a secret. */
const NO_PRF = "no-prf";
export class PasskeyError extends Error {
  readonly code = NO_PRF;
}

/**
 * Makes a passkey and seals the device's secret with what it alone gives.
 *
 * @throws {ApiError} the server's code, `passkey-refused` where the person said no
 * @throws {PasskeyError} for a passkey that cannot open a secret
 */
export async function addPasskey(owner: DeviceOwner, name: string): Promise<ResidentPasskey> {
  const { challengeId, options } = await withSession(owner, () => call(residentPasskeyEndpoints.options, {}));
  const input = prfInput(owner.communityId);
  const made = await createPasskey(options, input);
  // Some say it when they are made, others only when they are asked; what is signed here goes to nobody.
  const { challenge } = Object(options);
  const again = { challenge, userVerification: "required" };
  const later = made.prf === undefined ? await askPasskey(again, input, made.id) : made;
  if (later.prf === undefined) throw new PasskeyError("this passkey opens no secret");
  const sealedSeed = toHex(sealSeed(later.prf, owner.communityId, owner.seed));
  const signature = residentKeyOf(owner.seed).sign(
    residentPasskeyTexts.register(owner.communityId, challengeId, sealedSeed),
  );
  const body = { challengeId, response: made.response, name, sealedSeed, signature };
  return withSession(owner, () => call(residentPasskeyEndpoints.register, { body }));
}

/**
 * Signs in with a passkey, and opens the secret that was sealed with it.
 *
 * @returns the seed
 * @throws as {@link addPasskey}
 */
export async function openWithPasskey(communityId: string): Promise<Uint8Array> {
  const { challengeId, options } = await call(residentPasskeyEndpoints.signInOptions, {});
  const { response, prf } = await askPasskey(options, prfInput(communityId));
  if (prf === undefined) throw new PasskeyError("this passkey opens no secret");
  const { sealedSeed } = await call(residentPasskeyEndpoints.signIn, { body: { challengeId, response } });
  const seed = openSeed(prf, communityId, fromHex(sealedSeed));
  if (seed === undefined) throw new ApiError("passkey-refused");
  return seed;
}
