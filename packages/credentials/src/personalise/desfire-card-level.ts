import { parseResponse } from "../apdu/apdu.ts";
import { desfirePrivacyLayout } from "../card/card-layout.ts";
import { AES_KEY_TYPE, answerIsoChallenge, finishIso, takeOverCommand } from "../desfire/factory-key.ts";
import { encodeNativeCommand, NativeCommand } from "../desfire/native-framing.ts";
import { FACTORY_AES_KEY, type KeySlot, versionedSlotKey } from "./card-key-set.ts";
import {
  changeOwnKey,
  type Desk,
  expectedKey,
  keyVersionAt,
  provesKey,
  readTrueUid,
  sameBytes,
  selectDeskApplication,
} from "./desk.ts";
import { applicationsOf } from "./personalisation-order.ts";

// The level of the card itself: its master key, its list of applications, its identifier.

/** Selects the card itself. */
export const CARD_LEVEL = new Uint8Array(3);
const CARD_KEY: KeySlot = { in: "card" };
const OK = 0x9100;
const ADDITIONAL_FRAME = 0x91af;

/** Key 0 changes keys and settings, files by key 0 only, directory free. */
const KEY_SETTINGS = 0x0b;
const AES_KEYS = 0x80;
/** Keys 0 to 13 of our application. */
export const DESFIRE_KEYS = 14;
const RANDOM_UID = 0x02;

export type CardLevel = "ours" | "foreign" | "other-card";

/**
 * Opens a session under the card's own key, which is ours afterwards: the factory's, of DES or AES, is replaced.
 * A card that tells another identifier than the order's is left as it was.
 */
export async function takeCard(desk: Desk, shownUid: Uint8Array | undefined): Promise<CardLevel> {
  const { order, primitives } = desk;
  if (shownUid !== undefined && !sameBytes(shownUid, order.uid)) return "other-card";
  if (!(await selectDeskApplication(desk, CARD_LEVEL))) return "foreign";
  const version = await keyVersionAt(desk, 0);
  const target = versionedSlotKey(primitives, order.keys, CARD_KEY);
  if (version === 0) {
    // A hidden identifier under the factory's key: somebody else began this card.
    const tookOver = shownUid !== undefined && (await takeOverDes(desk));
    if (!tookOver) {
      if (!(await provesKey(desk, 0, FACTORY_AES_KEY))) return "foreign";
      if (!sameBytes(await readTrueUid(desk), order.uid)) return "other-card";
      await changeOwnKey(desk, AES_KEY_TYPE, target);
    }
  } else if (version !== order.keys.version) {
    const present = expectedKey(desk, CARD_KEY, version);
    if (present === undefined || !(await provesKey(desk, 0, present))) return "foreign";
    await changeOwnKey(desk, AES_KEY_TYPE, target);
  }
  if (!(await provesKey(desk, 0, target.value))) return "foreign";
  return sameBytes(await readTrueUid(desk), order.uid) ? "ours" : "other-card";
}

/** Makes the applications that are missing. Needs the session of {@link takeCard}. */
export async function createApplications(desk: Desk): Promise<void> {
  const { reader, order } = desk;
  const { access, privacy } = applicationsOf(order);
  const listed = await reader.command({ command: NativeCommand.getApplicationIds, mode: "mac" });
  const has = (aid: Uint8Array) => {
    for (let at = 0; at + 3 <= listed.length; at += 3) {
      if (sameBytes(listed.subarray(at, at + 3), aid)) return true;
    }
    return false;
  };
  const create = async (aid: Uint8Array, keys: number) => {
    if (has(aid)) return;
    await reader.command({
      command: NativeCommand.createApplication,
      header: Uint8Array.of(...aid, KEY_SETTINGS, AES_KEYS | keys),
      mode: "mac",
    });
  };
  await create(access, DESFIRE_KEYS);
  if (order.privacyKey !== undefined) await create(privacy, desfirePrivacyLayout.keys);
}

/** Switches random identifiers on, for good. `false` when the card's key is no longer ours. */
export async function hideUid(desk: Desk): Promise<boolean> {
  const { value } = versionedSlotKey(desk.primitives, desk.order.keys, CARD_KEY);
  if (!(await selectDeskApplication(desk, CARD_LEVEL)) || !(await provesKey(desk, 0, value))) return false;
  await setRandomUid(desk);
  return true;
}

/** SetConfiguration, option 00, on both kinds of card. Needs a session under the master. */
export async function setRandomUid({ reader }: Desk): Promise<void> {
  await reader.command({
    command: NativeCommand.setConfiguration,
    header: Uint8Array.of(0x00),
    data: Uint8Array.of(RANDOM_UID),
    mode: "full",
    answerMode: "mac",
  });
}

/**
 * Makes the card empty: every application goes, and its own key becomes the factory's AES key of zeros. (Going back to
 * DES would gain nothing: a desk takes both for blank.)
 *
 * @returns `foreign` when the card's key is neither ours nor a factory's
 */
export async function emptyCard(desk: Desk, shownUid: Uint8Array | undefined): Promise<CardLevel> {
  const { order, reader } = desk;
  if (shownUid !== undefined && !sameBytes(shownUid, order.uid)) return "other-card";
  if (!(await selectDeskApplication(desk, CARD_LEVEL))) return "foreign";
  const version = await keyVersionAt(desk, 0);
  // Nothing of ours comes onto a card before its own key is ours.
  if (version === 0) return "ours";
  const present = expectedKey(desk, CARD_KEY, version);
  if (present === undefined || !(await provesKey(desk, 0, present))) return "foreign";
  if (!sameBytes(await readTrueUid(desk), order.uid)) return "other-card";
  await reader.command({ command: NativeCommand.formatCard, mode: "mac" });
  await changeOwnKey(desk, AES_KEY_TYPE, { value: FACTORY_AES_KEY, version: 0 });
  return "ours";
}

/** The one change that the DES key of delivery is used for. `false` when the card does not have it. */
async function takeOverDes({ channel, primitives, random, order }: Desk): Promise<boolean> {
  const send = async (command: number, data: Uint8Array) =>
    parseResponse(await channel.transceive(encodeNativeCommand(command, data)));
  const challenge = await send(NativeCommand.authenticateIso, Uint8Array.of(0x00));
  if (challenge.sw !== ADDITIONAL_FRAME) return false;
  const { answer, state } = answerIsoChallenge(primitives, challenge.data, random(8));
  const proof = await send(NativeCommand.additionalFrame, answer);
  const sessionKey = proof.sw === OK ? finishIso(primitives, state, proof.data) : undefined;
  if (sessionKey === undefined) return false;
  const next = versionedSlotKey(primitives, order.keys, CARD_KEY);
  const changed = await send(NativeCommand.changeKey, takeOverCommand(primitives, sessionKey, next));
  return changed.sw === OK;
}
