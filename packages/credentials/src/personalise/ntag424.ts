import { CREDENTIAL_FILE_BYTES, ntag424Layout, PRIVACY_KEY_NUMBER } from "../card/card-layout.ts";
import { credentialKeyOf } from "../card/credential-key.ts";
import { selectIsoApplication } from "../card/identify-card.ts";
import { encodeAccessRights, encodeCommMode, u24Bytes } from "../desfire/access-rights.ts";
import { NativeCommand } from "../desfire/native-framing.ts";
import { FACTORY_AES_KEY, type KeySlot, versionedSlotKey } from "./card-key-set.ts";
import { type CardLevel, setRandomUid } from "./desfire-card-level.ts";
import { type Desk, keyVersionAt, provesKey, readTrueUid, sameBytes } from "./desk.ts";
import { accessSlot, changeSlots, openAsMaster, readSlotVersions, type SlotPlan } from "./key-slots.ts";
import { SUN_FILE_KEY } from "./personalisation-order.ts";
import { sunFile } from "./sun-file.ts";

const KEYS = 5;
const NDEF_FILE = 2;
/** This chip takes each command in one frame, so long contents go in pieces. */
const PIECE_BYTES = 40;
const LRP_CAPABILITY = 0x02;
const MASTER: KeySlot = { in: "access", number: 0 };

/** Settings of delivery (NT4H2421Gx §8.2.3, table 6), and how much of the content is ours. */
const FACTORY_FILES = [
  {
    file: NDEF_FILE,
    mode: "plain",
    rights: { read: "free", write: "free", readWrite: "free", change: 0 },
    contentBytes: 256,
  },
  {
    file: ntag424Layout.fileNumber,
    mode: "full",
    rights: { read: 2, write: 3, readWrite: 3, change: 0 },
    contentBytes: CREDENTIAL_FILE_BYTES,
  },
] as const;
const MASTER_ONLY = { read: "never", write: 0, readWrite: "never", change: 0 } as const;

/**
 * Writes an NTAG 424: files, then keys 4 to 1, the master, and last the random identifier. Each interruption leaves a
 * card that tells by its key versions how far it came.
 *
 * @returns `ours` when it is as ordered; a card of another identifier is left as it was
 */
export async function writeNtag424(desk: Desk, shownUid: Uint8Array | undefined): Promise<CardLevel> {
  const { order, primitives } = desk;
  const opened = await open(desk, shownUid);
  if (opened.level !== "ours") return opened.level;
  if (opened.version !== order.keys.version) {
    const target = versionedSlotKey(primitives, order.keys, MASTER);
    await writeFiles(desk);
    if (!(await changeSlots(desk, opened.slots, opened.versions, target))) return "foreign";
    if (!(await provesKey(desk, 0, target.value))) return "foreign";
  }
  if (order.secureMessaging === "lrp" && desk.reader.secureMessaging === "aes") {
    await switchToLrp(desk);
    const { value } = versionedSlotKey(primitives, order.keys, MASTER);
    if (!(await provesKey(desk, 0, value))) return "foreign";
  }
  if (order.privacyKey !== undefined && shownUid !== undefined) await setRandomUid(desk);
  return "ours";
}

/** SetConfiguration, option 05: PDCap2.1 with the bit of LRP (NT4H2421Gx §10.5.1). Needs a session under the master. */
async function switchToLrp({ reader }: Desk): Promise<void> {
  await reader.command({
    command: NativeCommand.setConfiguration,
    header: Uint8Array.of(0x05),
    data: Uint8Array.of(0, 0, 0, 0, LRP_CAPABILITY, 0, 0, 0, 0, 0),
    mode: "full",
    answerMode: "mac",
  });
}

/** Gives an NTAG 424 back its keys and settings of delivery, its own files empty. A random identifier and LRP stay. */
export async function emptyNtag424(desk: Desk, shownUid: Uint8Array | undefined): Promise<CardLevel> {
  const opened = await open(desk, shownUid);
  if (opened.level !== "ours") return opened.level;
  const factory = { value: FACTORY_AES_KEY, version: 0 };
  for (const { file, mode, rights, contentBytes } of FACTORY_FILES) {
    const option = encodeCommMode(mode);
    // Mirrors off and the master's alone, so that it may be emptied wherever an interruption left it.
    await changeSettings(desk, file, Uint8Array.of(option, ...encodeAccessRights(MASTER_ONLY)));
    await writeFile(desk, file, new Uint8Array(contentBytes), mode);
    await changeSettings(desk, file, Uint8Array.of(option, ...encodeAccessRights(rights)));
  }
  const restored = opened.slots.map((slot) => ({ ...slot, target: factory }));
  return (await changeSlots(desk, restored, opened.versions, factory)) ? "ours" : "foreign";
}

type Opened =
  | {
      readonly level: "ours";
      /** The master's, under which the session is. */
      readonly version: number;
      readonly slots: readonly SlotPlan[];
      readonly versions: ReadonlyMap<number, number>;
    }
  | { readonly level: "foreign" | "other-card" };

async function open(desk: Desk, shownUid: Uint8Array | undefined): Promise<Opened> {
  const { channel, reader, order } = desk;
  if (shownUid !== undefined && !sameBytes(shownUid, order.uid)) return { level: "other-card" };
  reader.forgetSession();
  if (!(await selectIsoApplication(channel, ntag424Layout.applicationId))) return { level: "foreign" };
  const version = await keyVersionAt(desk, 0);
  const slots = Array.from({ length: KEYS - 1 }, (_, index) => slotOf(desk, KEYS - 1 - index));
  const versions = await readSlotVersions(desk, slots);
  if (!(await openAsMaster(desk, MASTER, version))) return { level: "foreign" };
  if (!sameBytes(await readTrueUid(desk), order.uid)) return { level: "other-card" };
  return { level: "ours", version, slots, versions };
}

function slotOf(desk: Desk, number: number): SlotPlan {
  const slot = accessSlot(desk, number);
  const { privacyKey } = desk.order;
  if (number !== PRIVACY_KEY_NUMBER.ntag424 || privacyKey === undefined) return slot;
  const at = (version: number) => (version === privacyKey.version ? privacyKey.value : slot.at(version));
  return { number, target: privacyKey, at };
}

async function writeFiles(desk: Desk): Promise<void> {
  const { order, primitives } = desk;
  const { fileNumber } = ntag424Layout;
  const [first = "never" as const, second = "never" as const] = [...order.keys.groups.keys()].sort(
    (a, b) => a - b,
  );
  const rights = encodeAccessRights({ read: first, write: 0, readWrite: second, change: 0 });
  await changeSettings(desk, fileNumber, Uint8Array.of(encodeCommMode("full"), ...rights));
  await writeFile(desk, fileNumber, credentialKeyOf(primitives, "ntag424", order.uid), "full");
  if (order.sun === undefined) return;
  const { content, settings } = sunFile(order.sun, { meta: PRIVACY_KEY_NUMBER.ntag424, file: SUN_FILE_KEY });
  // Written before mirrors are switched on: a text that is half there must not count as a tap.
  await changeSettings(
    desk,
    NDEF_FILE,
    settings.subarray(0, 3).map((byte, index) => (index === 0 ? 0 : byte)),
  );
  await writeFile(desk, NDEF_FILE, content, "plain");
  await changeSettings(desk, NDEF_FILE, settings);
}

async function writeFile(
  { reader }: Desk,
  file: number,
  content: Uint8Array,
  mode: "plain" | "full",
): Promise<void> {
  const pieceBytes = mode === "full" ? CREDENTIAL_FILE_BYTES : PIECE_BYTES;
  for (let at = 0; at < content.length; at += pieceBytes) {
    const piece = content.subarray(at, at + pieceBytes);
    await reader.command({
      command: NativeCommand.writeData,
      header: Uint8Array.of(file, ...u24Bytes(at), ...u24Bytes(piece.length)),
      data: piece,
      mode,
      answerMode: mode === "full" ? "mac" : "plain",
    });
  }
}

function changeSettings({ reader }: Desk, file: number, settings: Uint8Array): Promise<Uint8Array> {
  return reader.command({
    command: NativeCommand.changeFileSettings,
    header: Uint8Array.of(file),
    data: settings,
    mode: "full",
    answerMode: "mac",
  });
}
