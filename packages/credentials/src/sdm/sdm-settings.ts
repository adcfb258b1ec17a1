import {
  type AccessCondition,
  accessNibble,
  decodeAccessRights,
  u24Bytes,
} from "../desfire/access-rights.ts";
import type { SunLayout } from "./sun-layout.ts";

/** Secure Dynamic Messaging of the NDEF file, as ChangeFileSettings says it (NT4H2421Gx §10.7.1); AES mode only. */
export interface SdmSettings {
  readonly mirrorsUid: boolean;
  readonly mirrorsCounter: boolean;
  /** A key number enciphers UID and counter, `free` leaves them in clear, `never` leaves them out. */
  readonly metaRead: AccessCondition;
  /** Whose key makes the MAC; `never` means no MAC. */
  readonly fileRead: AccessCondition;
  readonly counterRead: AccessCondition;
  readonly uidOffset?: number;
  readonly counterOffset?: number;
  readonly piccDataOffset?: number;
  readonly macInputOffset?: number;
  readonly encryptedFileData?: { readonly offset: number; readonly lengthDigits: number };
  readonly macOffset?: number;
}

const MIRRORS_UID = 0x80;
const MIRRORS_COUNTER = 0x40;
const COUNTER_LIMIT = 0x20;
const ENCRYPTED_FILE_DATA = 0x10;
const ASCII = 0x01;

/**
 * The SDM part of ChangeFileSettings (NT4H2421Gx §10.7.1, table 69): options, access rights, then the offsets that
 * these two call for, each 3 bytes.
 *
 * @returns undefined for lengths that do not add up, a counter limit (which this card lacks) and other encodings
 */
export function decodeSdmSettings(bytes: Uint8Array): SdmSettings | undefined {
  const [options = 0, low = 0, high = 0] = bytes;
  if (bytes.length < 3 || (options & ASCII) === 0 || (options & COUNTER_LIMIT) !== 0) return undefined;
  const nibbles = decodeAccessRights(low, high);
  const metaRead = nibbles.read;
  const fileRead = nibbles.write;
  const mirrorsUid = (options & MIRRORS_UID) !== 0;
  const mirrorsCounter = (options & MIRRORS_COUNTER) !== 0;
  const encrypts = (options & ENCRYPTED_FILE_DATA) !== 0;

  const offsets = bytes.subarray(3);
  let used = 0;
  const take = () => {
    used += 3;
    const [low8 = 0, middle = 0, high8 = 0] = offsets.subarray(used - 3);
    return low8 | (middle << 8) | (high8 << 16);
  };
  const settings: SdmSettings = {
    mirrorsUid,
    mirrorsCounter,
    metaRead,
    fileRead,
    counterRead: nibbles.change,
    ...(mirrorsUid && metaRead === "free" ? { uidOffset: take() } : {}),
    ...(mirrorsCounter && metaRead === "free" ? { counterOffset: take() } : {}),
    ...(typeof metaRead === "number" ? { piccDataOffset: take() } : {}),
    ...(fileRead !== "never" ? { macInputOffset: take() } : {}),
    ...(encrypts ? { encryptedFileData: { offset: take(), lengthDigits: take() } } : {}),
    ...(fileRead !== "never" ? { macOffset: take() } : {}),
  };
  return used === offsets.length ? settings : undefined;
}

/** Inverse of {@link decodeSdmSettings}, as GetFileSettings tells it. */
export function encodeSdmSettings(settings: SdmSettings): Uint8Array {
  const options =
    ASCII |
    (settings.mirrorsUid ? MIRRORS_UID : 0) |
    (settings.mirrorsCounter ? MIRRORS_COUNTER : 0) |
    (settings.encryptedFileData === undefined ? 0 : ENCRYPTED_FILE_DATA);
  const offsets = [
    settings.uidOffset,
    settings.counterOffset,
    settings.piccDataOffset,
    settings.macInputOffset,
    settings.encryptedFileData?.offset,
    settings.encryptedFileData?.lengthDigits,
    settings.macOffset,
  ];
  return Uint8Array.of(
    options,
    0xf0 | accessNibble(settings.counterRead),
    (accessNibble(settings.metaRead) << 4) | accessNibble(settings.fileRead),
    ...offsets.flatMap((offset) => (offset === undefined ? [] : [...u24Bytes(offset)])),
  );
}

/** Where the mirrors stand in the file; undefined where the settings make no MAC, which this card does not mirror. */
export function sunLayoutOf(settings: SdmSettings): SunLayout | undefined {
  const { macInputOffset, macOffset, encryptedFileData } = settings;
  if (macInputOffset === undefined || macOffset === undefined) return undefined;
  return {
    mode: "aes",
    macInputOffset,
    macOffset,
    ...(settings.piccDataOffset === undefined ? {} : { piccDataOffset: settings.piccDataOffset }),
    ...(settings.uidOffset === undefined ? {} : { uidOffset: settings.uidOffset }),
    ...(settings.counterOffset === undefined ? {} : { counterOffset: settings.counterOffset }),
    ...(encryptedFileData === undefined ? {} : { fileData: encryptedFileData }),
  };
}
