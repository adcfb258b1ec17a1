import { type ResidentMe, type ResidentSession, residentEndpoints, residentTexts } from "@menshen/wire";
import type { DeviceOwner } from "../device/device-store.ts";
import type { ResidentKey } from "../device/resident-key.ts";
import { isSharedScreen } from "../shared/shared-screen.ts";
import { ApiError, call } from "./client.ts";

/** Who has a session signs nothing: the program that does is fetched when it is needed. */
async function keyOf(owner: DeviceOwner): Promise<ResidentKey> {
  const { residentKeyOf } = await import("../device/resident-key.ts");
  return residentKeyOf(owner.seed);
}

/** The device's key, over a text for a challenge that the server has just given out. */
export async function signOnce(
  owner: DeviceOwner,
  textOf: (challenge: string) => string,
): Promise<{ readonly challenge: string; readonly signature: string }> {
  const key = await keyOf(owner);
  const { challenge } = await call(residentEndpoints.challenge, { body: { authKey: key.keys.authKey } });
  return { challenge, signature: key.sign(textOf(challenge)) };
}

/** Signs in with the device's key. Throws {@link ApiError}: `key-refused` if it is no longer registered. */
export async function signIn(owner: DeviceOwner): Promise<ResidentMe> {
  const key = await keyOf(owner);
  const { authKey } = key.keys;
  const { challenge } = await call(residentEndpoints.challenge, { body: { authKey } });
  const signature = key.sign(residentTexts.signIn(owner.communityId, challenge));
  const shared = isSharedScreen() ? { shared: true } : {};
  return call(residentEndpoints.signIn, { body: { authKey, challenge, signature, ...shared } });
}

/** One for all who find at once that the session is over: a page asks for several things beside each other. */
let signingIn: { readonly owner: DeviceOwner; readonly done: Promise<ResidentMe> } | undefined;

function signInOnce(owner: DeviceOwner): Promise<ResidentMe> {
  if (signingIn?.owner === owner) return signingIn.done;
  const current = { owner, done: signIn(owner) };
  signingIn = current;
  const end = () => {
    if (signingIn === current) signingIn = undefined;
  };
  current.done.then(end, end);
  return current.done;
}

/** Does what needs a session, signing in first where there is none or it is over. */
export async function withSession<T>(owner: DeviceOwner, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== "not-signed-in") throw error;
    await signInOnce(owner);
    return work();
  }
}

export function readSession(): Promise<ResidentSession> {
  return call(residentEndpoints.session, {});
}

/** Registers a key by an invitation. */
export function join(communityId: string, key: ResidentKey, code: string): Promise<ResidentMe> {
  const { keys } = key;
  const signature = key.sign(residentTexts.join(communityId, keys, code));
  return call(residentEndpoints.join, { body: { code, ...keys, signature } });
}

/** Puts `next` in the place of the owner's key. */
export async function replaceKey(owner: DeviceOwner, next: ResidentKey): Promise<ResidentMe> {
  const own = await keyOf(owner);
  return withSession(owner, async () => {
    const { challenge } = await call(residentEndpoints.challenge, { body: { authKey: own.keys.authKey } });
    const text = residentTexts.replaceKey(owner.communityId, next.keys, challenge);
    return call(residentEndpoints.replaceKey, {
      body: { challenge, ...next.keys, signature: own.sign(text), newSignature: next.sign(text) },
    });
  });
}

/** Ends the account. The key goes on opening what was wrapped to it. */
export async function deleteKey(owner: DeviceOwner): Promise<void> {
  await withSession(owner, async () => {
    const signed = await signOnce(owner, (challenge) =>
      residentTexts.deleteKey(owner.communityId, challenge),
    );
    await call(residentEndpoints.deleteKey, { body: signed });
  });
}
