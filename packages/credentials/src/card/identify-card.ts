import { encodeCommand, parseResponse, StatusWord } from "../apdu/apdu.ts";
import type { CardChannel } from "../channel/card-channel.ts";
import { CredentialError } from "../credential-error.ts";
import {
  exchangeNative,
  exchangeNativeChained,
  NativeCommand,
  NativeStatus,
} from "../desfire/native-framing.ts";
import type { KeyedCardKind } from "./card-layout.ts";
import { desfireLayout, ntag424Layout } from "./card-layout.ts";
import type { CardVersion } from "./card-version.ts";
import { chipFamilyOf, parseCardVersion } from "./card-version.ts";

/** What is in the field, before anything is proved. */
export interface CardIdentification {
  /** The application that answered and is now selected; `uid-only` when none of ours did. */
  readonly kind: KeyedCardKind | "uid-only";
  /** Identifier as the card or the reader told it; a claim until the card has proved a key. */
  readonly uid?: Uint8Array;
  /** Set when reader and card told different identifiers: a copied card, or two cards in the field. */
  readonly uidConflict?: true;
  /** Absent when the card does not know GetVersion. */
  readonly version?: CardVersion;
}

/**
 * Asks a card what it is: GetVersion for chip and UID, then SelectApplication or ISO SELECT for our application, and
 * GET DATA of the reader for the UID where only the reader knows it.
 *
 * @param desfireApplication 3 bytes as SelectApplication takes them; the layout's unless told
 * @throws {CredentialError} the channel's: `card-removed`, `timeout`, `closed`, `transport`; `malformed` for answers
 *   that are no APDU. Refusals by the card are no faults here: they make it `uid-only`.
 */
export async function identifyCard(
  channel: CardChannel,
  desfireApplication: Uint8Array = desfireLayout.applicationId,
): Promise<CardIdentification> {
  let version = await readVersion(channel);
  let kind: CardIdentification["kind"] = "uid-only";
  if (version === undefined) {
    // Some readers wake the card's ISO layer only by a SELECT.
    if (await selectIsoApplication(channel, ntag424Layout.applicationId))
      version = await readVersion(channel);
    if (version !== undefined && chipFamilyOf(version) === "ntag424") kind = "ntag424";
  } else if (chipFamilyOf(version) === "desfire") {
    if (await selectDesfireApplication(channel, desfireApplication)) kind = "desfire";
  } else if (chipFamilyOf(version) === "ntag424") {
    if (await selectIsoApplication(channel, ntag424Layout.applicationId)) kind = "ntag424";
  }

  const uid = version?.uid ?? channel.uid ?? (await readUidFromReader(channel));
  const conflict = version?.uid !== undefined && contradicts(channel.uid, version.uid);
  return {
    kind,
    ...(uid === undefined ? {} : { uid }),
    ...(conflict ? { uidConflict: true } : {}),
    ...(version === undefined ? {} : { version }),
  };
}

/** ISO/IEC 14443-3 §6.5.4: a single-size identifier that begins with 08 is random and names nobody. */
export function isRandomUid(uid: Uint8Array): boolean {
  return uid.length === 4 && uid[0] === 0x08;
}

/** ISO 7816-4 §11.2.2, by name: SELECT of an application. */
export async function selectIsoApplication(channel: CardChannel, name: Uint8Array): Promise<boolean> {
  const command = encodeCommand({ cla: 0x00, ins: 0xa4, p1: 0x04, p2: 0x00, data: name, le: 256 });
  return parseResponse(await channel.transceive(command)).sw === StatusWord.ok;
}

async function selectDesfireApplication(channel: CardChannel, applicationId: Uint8Array): Promise<boolean> {
  return answered(async () => {
    const { status } = await exchangeNative(channel, NativeCommand.selectApplication, applicationId);
    return status === NativeStatus.ok ? true : undefined;
  }).then((selected) => selected === true);
}

async function readVersion(channel: CardChannel): Promise<CardVersion | undefined> {
  return answered(async () =>
    parseCardVersion(await exchangeNativeChained(channel, NativeCommand.getVersion)),
  );
}

/** PC/SC part 3 §3.2.2.1.3: the reader answers this pseudo command itself; a bare card channel has no reader. */
async function readUidFromReader(channel: CardChannel): Promise<Uint8Array | undefined> {
  if (channel.kind !== "pcsc" && channel.kind !== "apdu-socket") return undefined;
  const command = encodeCommand({ cla: 0xff, ins: 0xca, p1: 0, p2: 0, data: new Uint8Array(), le: 256 });
  const { data, sw } = parseResponse(await channel.transceive(command));
  return sw === StatusWord.ok && [4, 7, 10].includes(data.length) ? data : undefined;
}

function contradicts(seenByReader: Uint8Array | undefined, toldByCard: Uint8Array): boolean {
  if (seenByReader === undefined || isRandomUid(seenByReader)) return false;
  return (
    seenByReader.length !== toldByCard.length ||
    seenByReader.some((byte, index) => byte !== toldByCard[index])
  );
}

/** What a step found, or `undefined` when the card refused it. */
async function answered<T>(step: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof CredentialError && error.code === "card-status") return undefined;
    throw error;
  }
}
