import type { Primitives } from "@menshen/crypto";
import type { CardChannel } from "../channel/card-channel.ts";
import { CredentialError } from "../credential-error.ts";
import type { FactoryKeyPrimitives } from "../desfire/factory-key.ts";
import { keyChangePayload, type VersionedKey } from "../desfire/key-change.ts";
import { NativeCommand } from "../desfire/native-framing.ts";
import type { NativeReader } from "../desfire/native-reader.ts";
import type { Ev2Primitives } from "../ev2/session-cipher.ts";
import { FACTORY_AES_KEY, type KeySlot, slotKey } from "./card-key-set.ts";
import { keySetOf, type PersonalisationOrder } from "./personalisation-order.ts";

/** What a desk needs of the runtime. DES is there to take over the key of a DESFire's delivery. */
export type DeskPrimitives = Ev2Primitives &
  Pick<Primitives, "sha256" | "randomBytes"> &
  FactoryKeyPrimitives;

/** Where a card turned out to be neither blank nor one of this order's. */
export type ForeignPlace = "card" | "privacy" | "access";

/** One card on the reader and what it shall be. */
export interface Desk {
  readonly channel: CardChannel;
  readonly reader: NativeReader;
  readonly primitives: DeskPrimitives;
  readonly random: Primitives["randomBytes"];
  readonly order: PersonalisationOrder;
}

/** Selects a DESFire application; `false` when the card has none of that name. Ends the session. */
export async function selectDeskApplication({ reader }: Desk, applicationId: Uint8Array): Promise<boolean> {
  reader.forgetSession();
  try {
    await reader.command({ command: NativeCommand.selectApplication, header: applicationId, mode: "plain" });
    return true;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

/** Version of a key of what is selected, asked without a session: it says nothing but which key to try. */
export async function keyVersionAt({ reader }: Desk, number: number): Promise<number> {
  const answer = await reader.command({
    command: NativeCommand.getKeyVersion,
    header: Uint8Array.of(number),
    mode: "plain",
  });
  const [version] = answer;
  if (version === undefined || answer.length !== 1) {
    throw new CredentialError("malformed", `expected a key version of 1 byte, got ${answer.length}`);
  }
  return version;
}

/** The key that a place holds if its version is true; `undefined` for a version that is neither ours nor a factory's. */
export function expectedKey(desk: Desk, slot: KeySlot, version: number): Uint8Array | undefined {
  if (version === 0) return FACTORY_AES_KEY;
  const set = keySetOf(desk.order, version);
  return set === undefined ? undefined : slotKey(desk.primitives, set, slot);
}

/** AuthenticateEV2First under a new session; `false` when card and desk do not know the same key. */
export async function provesKey({ reader }: Desk, number: number, key: Uint8Array): Promise<boolean> {
  reader.forgetSession();
  try {
    await reader.authenticate(number, key);
    return true;
  } catch (error) {
    if (isRefusal(error) || (error instanceof CredentialError && error.code === "integrity")) return false;
    throw error;
  }
}

/** ChangeKey of another key than the authenticated one, whose session goes on. */
export async function changeOtherKey(
  { reader }: Desk,
  number: number,
  next: VersionedKey,
  old: Uint8Array,
): Promise<void> {
  await reader.command({
    command: NativeCommand.changeKey,
    header: Uint8Array.of(number),
    data: keyChangePayload(next, old),
    mode: "full",
    answerMode: "mac",
  });
}

/** ChangeKey of the authenticated key itself, which ends the session. */
export async function changeOwnKey({ reader }: Desk, number: number, next: VersionedKey): Promise<void> {
  await reader.command({
    command: NativeCommand.changeKey,
    header: Uint8Array.of(number),
    data: keyChangePayload(next),
    mode: "full",
    answerMode: "none",
  });
}

/** The true identifier, inside a session. 7 bytes. */
export async function readTrueUid({ reader }: Pick<Desk, "reader">): Promise<Uint8Array> {
  const uid = await reader.command({ command: NativeCommand.getCardUid, mode: "full" });
  if (uid.length !== 7)
    throw new CredentialError("malformed", `expected a UID of 7 bytes, got ${uid.length}`);
  return uid;
}

/** The card answered, and said no. */
export function isRefusal(error: unknown): boolean {
  return error instanceof CredentialError && error.code === "card-status";
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
