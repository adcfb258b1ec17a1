import { concatBytes, fromHex, wipe } from "@menshen/crypto";
import { encodeTlv } from "../tlv/ber-tlv.ts";
import { type AliroPrimitives, xOf } from "./aliro-primitives.ts";

/** By which air the messages travel; part of every salt. */
export const AliroInterface = { nfc: 0x5e, ble: 0xc3 } as const;

/** The protocol version spoken here. */
export const ALIRO_VERSION = 0x0100;

/** What both sides know of one transaction once AUTH0 is answered; every key and signature depends on all of it. */
export interface AliroTransaction {
  /** The reader group's key as devices hold it: the reader's own, or its certificate issuer's. 65 bytes. */
  readonly groupKey: Uint8Array;
  /** Group identifier and sub-identifier, 32 bytes. */
  readonly readerIdentifier: Uint8Array;
  /** One of {@link AliroInterface}. */
  readonly interfaceByte: number;
  readonly version: number;
  /** 65 bytes each. */
  readonly readerEphemeral: Uint8Array;
  readonly deviceEphemeral: Uint8Array;
  /** 16 bytes. */
  readonly transactionId: Uint8Array;
  /** The values of tags 41 and 42 in AUTH0, also where AUTH1 said something else. */
  readonly flags: Uint8Array;
  /** The whole A5 element of the answer to SELECT. */
  readonly proprietary: Uint8Array;
  /** The whole B1 element of AUTH0 and B2 element of its answer, where they stood. */
  readonly readerVendor?: Uint8Array;
  readonly deviceVendor?: Uint8Array;
}

/** What of a transaction both sides sign. */
export type SignedTransaction = Pick<
  AliroTransaction,
  "readerIdentifier" | "deviceEphemeral" | "readerEphemeral" | "transactionId"
>;

/** Keys of the two directions of one secure channel, 32 bytes each. */
export interface AliroChannelKeys {
  readonly reader: Uint8Array;
  readonly device: Uint8Array;
}

/** Keys of an expedited-standard transaction, 32 bytes each. */
export interface AliroStandardKeys {
  readonly exchange: AliroChannelKeys;
  readonly stepUp: Uint8Array;
  readonly ble: Uint8Array;
  readonly ursk: Uint8Array;
}

/** Keys of an expedited-fast transaction, 32 bytes each. No step-up key: that takes AUTH1. */
export interface AliroFastKeys {
  readonly cryptogram: Uint8Array;
  readonly exchange: AliroChannelKeys;
  readonly ble: Uint8Array;
  readonly ursk: Uint8Array;
}

/** Key of a later fast transaction between one credential and one reader, in bytes. */
export const KPERSISTENT_BYTES = 32;
/** What names a credential's key without showing it, in bytes. */
export const KEY_SLOT_BYTES = 8;

const USAGE_READER = fromHex("415d9569");
const USAGE_DEVICE = fromHex("4e887b4c");
const KEY_BYTES = 32;
const ascii = (text: string) => new TextEncoder().encode(text);

/** What the reader signs in AUTH1. */
export function readerSignatureInput(transaction: AliroTransaction): Uint8Array {
  return signatureInput(transaction, USAGE_READER);
}

/** What the device signs in its answer to AUTH1. */
export function deviceSignatureInput(transaction: SignedTransaction): Uint8Array {
  return signatureInput(transaction, USAGE_DEVICE);
}

function signatureInput(transaction: SignedTransaction, usage: Uint8Array): Uint8Array {
  return concatBytes(
    encodeTlv(0x4d, transaction.readerIdentifier),
    encodeTlv(0x86, xOf(transaction.deviceEphemeral)),
    encodeTlv(0x87, xOf(transaction.readerEphemeral)),
    encodeTlv(0x4c, transaction.transactionId),
    encodeTlv(0x93, usage),
  );
}

/**
 * The secret that standard keys come from: X9.63 with SHA-256, one block.
 *
 * @param agreed the x coordinate that ECDH of the ephemeral keys gives, 32 bytes
 */
export function deriveKdh(
  primitives: Pick<AliroPrimitives, "sha256">,
  agreed: Uint8Array,
  transactionId: Uint8Array,
): Uint8Array {
  return primitives.sha256(concatBytes(agreed, Uint8Array.of(0, 0, 0, 1), transactionId));
}

/**
 * The salt of one purpose.
 *
 * @param word `Volatile****`, `Persistent**` or `VolatileFast`
 * @param credential the credential's public key, where the purpose is bound to it
 */
export function saltOf(transaction: AliroTransaction, word: string, credential?: Uint8Array): Uint8Array {
  const { version } = transaction;
  return concatBytes(
    xOf(transaction.groupKey),
    ascii(word),
    transaction.readerIdentifier,
    Uint8Array.of(transaction.interfaceByte),
    encodeTlv(0x5c, Uint8Array.of(version >> 8, version & 0xff)),
    xOf(transaction.readerEphemeral),
    transaction.transactionId,
    transaction.flags,
    transaction.proprietary,
    credential === undefined ? new Uint8Array() : xOf(credential),
  );
}

/** The `info` of every derivation of one transaction. */
export function infoOf(transaction: AliroTransaction): Uint8Array {
  return concatBytes(
    xOf(transaction.deviceEphemeral),
    transaction.readerVendor ?? new Uint8Array(),
    transaction.deviceVendor ?? new Uint8Array(),
  );
}

/** Keys of a standard transaction. */
export function deriveStandardKeys(
  primitives: Pick<AliroPrimitives, "hkdfSha256">,
  kdh: Uint8Array,
  transaction: AliroTransaction,
): AliroStandardKeys {
  const okm = primitives.hkdfSha256(kdh, saltOf(transaction, "Volatile****"), infoOf(transaction), 160);
  const [reader, device, stepUp, ble, ursk] = fiveKeys(okm);
  return { exchange: { reader, device }, stepUp, ble, ursk };
}

/** What both sides keep after a standard transaction, so that a later one may be fast. */
export function deriveKpersistent(
  primitives: Pick<AliroPrimitives, "hkdfSha256">,
  kdh: Uint8Array,
  transaction: AliroTransaction,
  credential: Uint8Array,
): Uint8Array {
  const salt = saltOf(transaction, "Persistent**", credential);
  return primitives.hkdfSha256(kdh, salt, infoOf(transaction), KPERSISTENT_BYTES);
}

/**
 * The first of the keys of a fast transaction, with which a reader finds out whose cryptogram it has: HKDF's blocks
 * follow one another, so the others are left for the one that fits.
 */
export function deriveCryptogramKey(
  primitives: Pick<AliroPrimitives, "hkdfSha256">,
  kpersistent: Uint8Array,
  transaction: AliroTransaction,
  credential: Uint8Array,
): Uint8Array {
  const salt = saltOf(transaction, "VolatileFast", credential);
  return primitives.hkdfSha256(kpersistent, salt, infoOf(transaction), KEY_BYTES);
}

/** Keys of a fast transaction. */
export function deriveFastKeys(
  primitives: Pick<AliroPrimitives, "hkdfSha256">,
  kpersistent: Uint8Array,
  transaction: AliroTransaction,
  credential: Uint8Array,
): AliroFastKeys {
  const salt = saltOf(transaction, "VolatileFast", credential);
  const okm = primitives.hkdfSha256(kpersistent, salt, infoOf(transaction), 160);
  const [cryptogram, reader, device, ble, ursk] = fiveKeys(okm);
  return { cryptogram, exchange: { reader, device }, ble, ursk };
}

/** Keys of the step-up channel. */
export function deriveStepUpKeys(
  primitives: Pick<AliroPrimitives, "hkdfSha256">,
  stepUpKey: Uint8Array,
): AliroChannelKeys {
  return directionKeys(primitives, stepUpKey, new Uint8Array(), "SKReader", "SKDevice");
}

/**
 * Keys of the channel that protects BLE messages.
 *
 * @param versions what the reader said it supports, followed by the one selected (2 bytes each)
 */
export function deriveBleKeys(
  primitives: Pick<AliroPrimitives, "hkdfSha256">,
  bleKey: Uint8Array,
  versions: Uint8Array,
): AliroChannelKeys {
  return directionKeys(primitives, bleKey, versions, "BleSKReader", "BleSKDevice");
}

function directionKeys(
  primitives: Pick<AliroPrimitives, "hkdfSha256">,
  key: Uint8Array,
  salt: Uint8Array,
  readerInfo: string,
  deviceInfo: string,
): AliroChannelKeys {
  return {
    reader: primitives.hkdfSha256(key, salt, ascii(readerInfo), KEY_BYTES),
    device: primitives.hkdfSha256(key, salt, ascii(deviceInfo), KEY_BYTES),
  };
}

/** The first 8 bytes of SHA-1 over a credential's public key (65 bytes). */
export function keySlotOf(primitives: Pick<AliroPrimitives, "sha1">, publicKey: Uint8Array): Uint8Array {
  return primitives.sha1(publicKey).slice(0, KEY_SLOT_BYTES);
}

function fiveKeys(okm: Uint8Array): readonly [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array] {
  const at = (index: number) => okm.slice(index * KEY_BYTES, (index + 1) * KEY_BYTES);
  const keys = [at(0), at(1), at(2), at(3), at(4)] as const;
  wipe(okm);
  return keys;
}
