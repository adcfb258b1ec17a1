import {
  type CardChannel,
  CREDENTIAL_FILE_BYTES,
  CredentialError,
  credentialKeyOf,
  type KeyedCardKind,
  layoutOf,
  NativeCommand,
  selectIsoApplication,
} from "@menshen/credentials";
import * as primitives from "@menshen/crypto/node";
import { VirtualDeviceError } from "../virtual-device-error.ts";
import { type AccessRights, encodeAccessRights } from "./card-file.ts";
import { changeKeyPayload } from "./change-key.ts";
import { type Ev2Reader, makeEv2Reader } from "./ev2-reader.ts";

/** What an enrolment gives for one card: its own diversified keys, number 0 being the application's master. */
export interface CardPersonalisation {
  readonly kind: KeyedCardKind;
  readonly uid: Uint8Array;
  /** 3 bytes as SelectApplication takes them; the layout's unless told. DESFire only. */
  readonly applicationId?: Uint8Array;
  readonly keys: readonly { readonly number: number; readonly version: number; readonly value: Uint8Array }[];
}

const FACTORY_KEY = new Uint8Array(16);
const CHANGE_KEY = 0xc4;
const CHANGE_FILE_SETTINGS = 0x5f;
const CREATE_APPLICATION = 0xca;
const CREATE_STANDARD_FILE = 0xcd;
const DESFIRE_KEYS = 14;
const NTAG424_KEYS = 5;
/** Key 0 changes keys and settings, files by key 0 only, directory free. */
const KEY_SETTINGS = 0x0b;
const AES_KEYS = 0x80;
const FULL = 0x03;
const ADDITIONAL_RIGHTS = 0x80;

/**
 * Writes a blank card as the credentials package lays cards out: application, credential file, one key per door group,
 * and last the master key. Keys that nobody was given a value for become random, so that none of a factory's is left.
 *
 * A card that left the field in between is as good as blank only up to its key 0; make it blank and begin again.
 *
 * @param random the operating system's generator unless told; 16 bytes at a time
 * @throws {VirtualDeviceError} `card-refused` when the card is not blank, or took none or only a part
 */
export async function personaliseCard(
  channel: CardChannel,
  order: CardPersonalisation,
  random: (lengthBytes: number) => Uint8Array = primitives.randomBytes,
): Promise<void> {
  const groups = order.keys.map(({ number }) => number).filter((number) => number !== 0);
  const limit = order.kind === "desfire" ? 8 : 2;
  if (
    groups.length < 1 ||
    groups.length > limit ||
    groups.some((group) => group > layoutOf(order.kind).doorGroups)
  ) {
    throw new VirtualDeviceError(
      "card-refused",
      `expected keys of 1 to ${limit} door groups for ${order.kind}`,
    );
  }
  try {
    const reader = makeEv2Reader(channel, random);
    if (order.kind === "desfire") await layOutDesfire(reader, order, groups);
    else await layOutNtag424(channel, reader, groups);
    await writeCredential(reader, order);
    await changeKeys(reader, order, random);
  } catch (cause) {
    if (!(cause instanceof CredentialError)) throw cause;
    throw new VirtualDeviceError("card-refused", `the card was not written to the end: ${cause.message}`, {
      cause,
    });
  }
}

async function layOutDesfire(
  reader: Ev2Reader,
  order: CardPersonalisation,
  groups: readonly number[],
): Promise<void> {
  const aid = order.applicationId ?? layoutOf("desfire").applicationId;
  await reader.command({
    command: CREATE_APPLICATION,
    header: Uint8Array.of(...aid, KEY_SETTINGS, AES_KEYS | DESFIRE_KEYS),
    mode: "plain",
  });
  await reader.command({ command: NativeCommand.selectApplication, header: aid, mode: "plain" });
  await reader.authenticate(0, FACTORY_KEY);
  const file = layoutOf("desfire").fileNumber;
  const own = encodeAccessRights(readableBy(groups[0]));
  await reader.command({
    command: CREATE_STANDARD_FILE,
    header: Uint8Array.of(file, FULL, ...own, CREDENTIAL_FILE_BYTES, 0, 0),
    mode: "mac",
  });
  const further = groups
    .slice(1)
    .map((group) => encodeAccessRights({ ...readableBy(group), write: "never", change: "never" }));
  if (further.length === 0) return;
  await changeSettings(
    reader,
    file,
    Uint8Array.of(FULL | ADDITIONAL_RIGHTS, ...own, further.length, ...further.flatMap((set) => [...set])),
  );
}

async function layOutNtag424(
  channel: CardChannel,
  reader: Ev2Reader,
  groups: readonly number[],
): Promise<void> {
  const layout = layoutOf("ntag424");
  if (!(await selectIsoApplication(channel, layout.applicationId))) {
    throw new VirtualDeviceError("card-refused", "expected the application of an NTAG 424");
  }
  await reader.authenticate(0, FACTORY_KEY);
  const rights = { ...readableBy(groups[0]), readWrite: groups[1] ?? "never" } as const;
  await changeSettings(reader, layout.fileNumber, Uint8Array.of(FULL, ...encodeAccessRights(rights)));
}

function changeSettings(reader: Ev2Reader, file: number, settings: Uint8Array): Promise<Uint8Array> {
  const header = Uint8Array.of(file);
  return reader.command({
    command: CHANGE_FILE_SETTINGS,
    header,
    data: settings,
    mode: "full",
    answerMode: "mac",
  });
}

/** Read by one door group; written and changed by the master. */
function readableBy(group: number | undefined): AccessRights {
  return { read: group ?? "never", write: 0, readWrite: "never", change: 0 };
}

function writeCredential(reader: Ev2Reader, order: CardPersonalisation): Promise<Uint8Array> {
  return reader.command({
    command: NativeCommand.writeData,
    header: Uint8Array.of(layoutOf(order.kind).fileNumber, 0, 0, 0, CREDENTIAL_FILE_BYTES, 0, 0),
    data: credentialKeyOf(primitives, order.kind, order.uid),
    mode: "full",
    answerMode: "mac",
  });
}

async function changeKeys(
  reader: Ev2Reader,
  order: CardPersonalisation,
  random: (lengthBytes: number) => Uint8Array,
): Promise<void> {
  const count = order.kind === "desfire" ? DESFIRE_KEYS : NTAG424_KEYS;
  // The master comes last: with it the session ends, and until then the card can be begun again.
  for (let number = count - 1; number >= 0; number--) {
    const given = order.keys.find((key) => key.number === number);
    const { value, version } = given ?? { value: random(16), version: 0 };
    const old = number === 0 ? undefined : FACTORY_KEY;
    await reader.command({
      command: CHANGE_KEY,
      header: Uint8Array.of(number),
      data: changeKeyPayload(value, version, old),
      mode: "full",
      answerMode: number === 0 ? "plain" : "mac",
    });
  }
}
