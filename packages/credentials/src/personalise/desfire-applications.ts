import { CREDENTIAL_FILE_BYTES, desfireLayout, PRIVACY_KEY_NUMBER } from "../card/card-layout.ts";
import { credentialKeyOf } from "../card/credential-key.ts";
import { type AccessRights, encodeAccessRights, encodeCommMode, u24Bytes } from "../desfire/access-rights.ts";
import type { VersionedKey } from "../desfire/key-change.ts";
import { NativeCommand } from "../desfire/native-framing.ts";
import { FACTORY_AES_KEY, type KeySlot, slotKey, versionedSlotKey } from "./card-key-set.ts";
import { DESFIRE_KEYS } from "./desfire-card-level.ts";
import { type Desk, keyVersionAt, provesKey, sameBytes, selectDeskApplication } from "./desk.ts";
import { accessSlot, changeSlots, openAsMaster, readSlotVersions } from "./key-slots.ts";
import { applicationsOf } from "./personalisation-order.ts";
import { commitTransaction, TRANSACTION_MAC_FILE, verifyTransactionMac } from "./transaction-mac.ts";

const FULL = encodeCommMode("full");
const MAC = encodeCommMode("mac");
const ADDITIONAL_RIGHTS = 0x80;
const STANDARD_FILE = 0x00;
const AES_KEY = 0x02;
/** How desks name themselves in transactions. */
const DESK_READER_ID = new TextEncoder().encode("menshen desk\0\0\0\0");

/**
 * Writes our application: files first, then the door groups' keys, the master last. A card whose master is as ordered
 * is finished, but for its transaction MAC file.
 *
 * @returns `false` when the application's keys are neither a factory's nor the order's
 */
export async function writeAccessApplication(desk: Desk): Promise<boolean> {
  const { order, primitives } = desk;
  const masterSlot: KeySlot = { in: "access", number: 0 };
  if (!(await selectDeskApplication(desk, applicationsOf(order).access))) return false;
  const masterVersion = await keyVersionAt(desk, 0);
  if (masterVersion === order.keys.version) return true;
  const slots = Array.from({ length: DESFIRE_KEYS - 1 }, (_, index) =>
    accessSlot(desk, DESFIRE_KEYS - 1 - index),
  );
  const versions = await readSlotVersions(desk, slots);
  if (!(await openAsMaster(desk, masterSlot, masterVersion))) return false;
  if (!(await writeFiles(desk))) return false;
  return changeSlots(desk, slots, versions, versionedSlotKey(primitives, order.keys, masterSlot));
}

/** Writes the application of the privacy key. Needs an order with one; returns as {@link writeAccessApplication}. */
export async function writePrivacyApplication(desk: Desk): Promise<boolean> {
  const { order, primitives } = desk;
  const { privacyKey, keys, earlier = [] } = order;
  if (privacyKey === undefined) return true;
  const masterSlot: KeySlot = { in: "privacy" };
  if (!(await selectDeskApplication(desk, applicationsOf(order).privacy))) return false;
  const masterVersion = await keyVersionAt(desk, 0);
  if (masterVersion === keys.version) return true;
  const slot = {
    number: PRIVACY_KEY_NUMBER.desfire,
    target: privacyKey,
    // A shared key is not renewed with a card's own; another one here is somebody else's.
    at: (version: number) => (version === 0 ? FACTORY_AES_KEY : undefined),
  };
  const versions = await readSlotVersions(desk, [slot]);
  const known = masterVersion === 0 || earlier.some(({ version }) => version === masterVersion);
  if (!known || !(await openAsMaster(desk, masterSlot, masterVersion))) return false;
  return changeSlots(desk, [slot], versions, versionedSlotKey(primitives, keys, masterSlot));
}

async function writeFiles(desk: Desk): Promise<boolean> {
  const { reader, order, primitives } = desk;
  const { fileNumber } = desfireLayout;
  const ids = await reader.command({ command: NativeCommand.getFileIds, mode: "mac" });
  const settings = fileSettings([...order.keys.groups.keys()].sort((a, b) => a - b));
  if (!ids.includes(fileNumber)) {
    await reader.command({
      command: NativeCommand.createStandardFile,
      header: Uint8Array.of(fileNumber, FULL, ...settings.own, ...u24Bytes(CREDENTIAL_FILE_BYTES)),
      mode: "mac",
    });
  }
  const present = await reader.command({
    command: NativeCommand.getFileSettings,
    header: Uint8Array.of(fileNumber),
    mode: "mac",
  });
  const size = u24Bytes(CREDENTIAL_FILE_BYTES);
  if (present[0] !== STANDARD_FILE || !sameBytes(present.subarray(4, 7), size)) return false;
  if (
    !sameBytes(
      present,
      Uint8Array.of(STANDARD_FILE, settings.option, ...settings.own, ...size, ...settings.further),
    )
  ) {
    await reader.command({
      command: NativeCommand.changeFileSettings,
      header: Uint8Array.of(fileNumber),
      data: Uint8Array.of(settings.option, ...settings.own, ...settings.further),
      mode: "full",
      answerMode: "mac",
    });
  }
  await reader.command({
    command: NativeCommand.writeData,
    header: Uint8Array.of(fileNumber, 0, 0, 0, ...size),
    data: credentialKeyOf(primitives, "desfire", order.uid),
    mode: "full",
    answerMode: "mac",
  });
  return true;
}

/**
 * Makes the transaction MAC file, where one is ordered. One that is there shows by a transaction whether it has the
 * ordered key; another one is removed first. Needs the application as {@link writeAccessApplication} leaves it.
 *
 * @returns `false` when the application's master is not the order's
 */
export async function writeTransactionMac(desk: Desk): Promise<boolean> {
  const { reader, order, primitives } = desk;
  if (order.transactionMac === undefined) return true;
  const master = slotKey(primitives, order.keys, { in: "access", number: 0 });
  if (!(await selectDeskApplication(desk, applicationsOf(order).access))) return false;
  if (!(await provesKey(desk, 0, master))) return false;
  const ids = await reader.command({ command: NativeCommand.getFileIds, mode: "mac" });
  if (ids.includes(TRANSACTION_MAC_FILE)) {
    if (await provesTransactionKey(desk, order.transactionMac)) return true;
    await reader.command({
      command: NativeCommand.deleteFile,
      header: Uint8Array.of(TRANSACTION_MAC_FILE),
      mode: "mac",
    });
  }
  await createTransactionMac(desk, order.transactionMac);
  return true;
}

async function provesTransactionKey(
  { channel, reader, order, primitives }: Desk,
  { value: key }: VersionedKey,
): Promise<boolean> {
  const { session } = reader;
  if (session === undefined) return false;
  const transaction = await commitTransaction(channel, session, DESK_READER_ID);
  const input = { uid: order.uid, readerId: DESK_READER_ID, steps: [], transaction };
  return verifyTransactionMac(primitives, { key, ...input });
}

async function createTransactionMac({ reader }: Desk, key: VersionedKey): Promise<void> {
  // Whoever proves any key may read the count and name its reader; nobody writes, the master removes.
  const rights = encodeAccessRights({ read: "free", write: "never", readWrite: "free", change: 0 });
  await reader.command({
    command: NativeCommand.createTransactionMacFile,
    header: Uint8Array.of(TRANSACTION_MAC_FILE, MAC, ...rights, AES_KEY),
    data: Uint8Array.of(...key.value, key.version),
    mode: "full",
    answerMode: "mac",
  });
}

/** Read by the door groups, one in each set of rights; written and changed by the master. */
function fileSettings(groups: readonly number[]) {
  const [first = "never" as const, ...others] = groups;
  const own: AccessRights = { read: first, write: 0, readWrite: "never", change: 0 };
  const sets = others.map((group) =>
    encodeAccessRights({ read: group, write: "never", readWrite: "never", change: "never" }),
  );
  return {
    option: sets.length > 0 ? FULL | ADDITIONAL_RIGHTS : FULL,
    own: encodeAccessRights(own),
    further:
      sets.length > 0 ? Uint8Array.of(sets.length, ...sets.flatMap((set) => [...set])) : new Uint8Array(),
  };
}
