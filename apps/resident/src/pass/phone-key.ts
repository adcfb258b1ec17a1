import {
  ANY_DOOR_GROUP,
  credentialKeyOf,
  prepareDoorAnswer,
  preparePhonePass,
  writePassText,
} from "@menshen/credentials";
import { p256GenerateHeld, p256SignHeld, primitives, randomBytes, toHex } from "@menshen/crypto";
import { CommunityId, CredentialKey, Instant } from "@menshen/domain";
import { type PhonePassRecord, passTexts, residentPassEndpoints } from "@menshen/wire";
import { ApiError, call } from "../api/client.ts";
import { withSession } from "../api/session.ts";
import type { DeviceOwner, DeviceStore, HeldPhonePass } from "../device/device-store.ts";

/**
 * Makes a key on this telephone and registers it; goes on with one that was made before and never registered.
 *
 * @throws {ApiError} the server's code; the key stays for another attempt
 */
export async function makePhonePass(
  store: DeviceStore,
  owner: DeviceOwner,
  input: { readonly personId: string; readonly label: string },
): Promise<HeldPhonePass> {
  const { personId, label } = input;
  // Kept before it is registered: a credential whose key is lost would be nobody's.
  const held = (await store.phonePass()) ?? (await newKey(owner.communityId, label));
  await store.keepPhonePass({ ...held, label });
  const proof = await p256SignHeld(held.secretKey, passTexts.enrol(personId, held.publicKey));
  const body = { publicKey: toHex(held.publicKey), proof: toHex(proof), label };
  const record = await withSession(owner, async () => {
    try {
      return await call(residentPassEndpoints.enrolPhonePass, { body });
    } catch (error) {
      // An answer that was lost: the key is registered already.
      if (!(error instanceof ApiError) || error.code !== "conflict") throw error;
      return own(await listPhonePasses(), held) ?? Promise.reject(error);
    }
  });
  const pass = { ...held, label, enrolledAt: record.enrolledAt };
  await store.keepPhonePass(pass);
  return pass;
}

export async function listPhonePasses(): Promise<readonly PhonePassRecord[]> {
  return (await call(residentPassEndpoints.phonePasses, {})).items;
}

/** This telephone's pass among all of one's own. */
export function own(
  passes: readonly PhonePassRecord[],
  held: Pick<HeldPhonePass, "credentialKey">,
): PhonePassRecord | undefined {
  return passes.find(({ credentialKey }) => credentialKey === toHex(held.credentialKey));
}

/** Ends a phone pass for good. One that the server does not know any more is ended already. */
export async function removePhonePass(owner: DeviceOwner, credentialKey: string): Promise<void> {
  await withSession(owner, async () => {
    try {
      await call(residentPassEndpoints.removePhonePass, { params: { credentialKey } });
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== "not-found") throw error;
    }
  });
}

/** The text of a code that holds from now for some seconds. */
export async function phonePassText(held: HeldPhonePass, nowMs: number): Promise<string> {
  const { toBeSigned, finish } = preparePhonePass({
    primitives,
    communityId: CommunityId(held.communityId),
    credentialKey: CredentialKey(held.credentialKey),
    doorGroup: ANY_DOOR_GROUP,
    now: Instant(nowMs),
    nonce: randomBytes(4),
  });
  return writePassText("phone-pass", finish(await p256SignHeld(held.secretKey, toBeSigned)));
}

/** The text of the answer to a door's challenge. */
export async function doorAnswerText(
  held: HeldPhonePass,
  asked: { readonly challenge: Uint8Array; readonly door?: Uint8Array },
): Promise<string> {
  const { toBeSigned, finish } = prepareDoorAnswer({
    primitives,
    communityId: CommunityId(held.communityId),
    credentialKey: CredentialKey(held.credentialKey),
    ...asked,
  });
  return writePassText("door-answer", finish(await p256SignHeld(held.secretKey, toBeSigned)));
}

async function newKey(communityId: string, label: string): Promise<HeldPhonePass> {
  const key = await p256GenerateHeld();
  return {
    ...key,
    communityId,
    label,
    credentialKey: credentialKeyOf(primitives, "phone-pass", key.publicKey),
  };
}
