import type { Primitives } from "@menshen/crypto";
import { concatBytes } from "@menshen/crypto";
import { CredentialError } from "../credential-error.ts";
import { truncateMac } from "../ev2/secure-session.ts";
import type { LrpPrimitives } from "../lrp/lrp.ts";
import { lricbDecrypt, lricbEncrypt, lrpCmac, makeLrpKey } from "../lrp/lrp.ts";

// Secure Dynamic Messaging of NTAG 424 DNA (AN12196 §3.3 and §3.4), both ends, in AES and in LRP mode.

/** Which mode the card was personalised to. */
export type SdmMode = "aes" | "lrp";

/** What SDM is computed with. */
export type SdmPrimitives = LrpPrimitives &
  Pick<Primitives, "aesCbcEncrypt" | "aesCmac" | "constantTimeEqual">;

/** What names one tap; either may be left out by the card's settings. */
export interface SdmIdentity {
  /** 7 bytes. */
  readonly uid?: Uint8Array;
  /** SDMReadCtr, 0 to 2^24 − 1. */
  readonly counter?: number;
}

/** Ciphertext of PICCData: one block; in LRP mode 8 random bytes stand before it. */
export const PICC_DATA_BYTES: Readonly<Record<SdmMode, number>> = { aes: 16, lrp: 24 };

const UID_BYTES = 7;
const PICC_RANDOM_BYTES = 8;
const ZERO_IV = new Uint8Array(16);

/** Keys of one tap, from the file key and what names the tap. */
export interface SdmSession {
  /** 8 bytes over the text that the settings choose. */
  readonly mac: (macInput: Uint8Array) => Uint8Array;
  /** File data, whole blocks; needs the counter. */
  readonly encrypt: (data: Uint8Array) => Uint8Array;
  readonly decrypt: (data: Uint8Array) => Uint8Array;
}

/**
 * Session of one tap (AN12196 §3.3.4 for AES; data sheet §9.3.9 for LRP).
 *
 * @param fileKey SDMFileReadKey, 16 bytes
 */
export function openSdmSession(
  primitives: SdmPrimitives,
  mode: SdmMode,
  fileKey: Uint8Array,
  identity: SdmIdentity,
): SdmSession {
  const name = concatBytes(identity.uid ?? new Uint8Array(), counterBytes(identity.counter));
  const counter = counterBytes(identity.counter);
  if (mode === "lrp") {
    const prefix = Uint8Array.of(0x00, 0x01, 0x00, 0x80);
    const vector = zeroPadded(concatBytes(prefix, name), 2, Uint8Array.of(0x1e, 0xe1));
    const master = lrpCmac(makeLrpKey(primitives, fileKey, 0), vector);
    const macKey = makeLrpKey(primitives, master, 0);
    const encryptionKey = makeLrpKey(primitives, master, 1);
    const lricbCounter = concatBytes(counter, new Uint8Array(3));
    return {
      mac: (macInput) => truncateMac(lrpCmac(macKey, macInput)),
      encrypt: (data) => lricbEncrypt(encryptionKey, lricbCounter, data),
      decrypt: (data) => lricbDecrypt(encryptionKey, lricbCounter, data),
    };
  }
  const keyFor = (first: number, second: number) => {
    const prefix = Uint8Array.of(first, second, 0x00, 0x01, 0x00, 0x80);
    return primitives.aesCmac(fileKey, zeroPadded(concatBytes(prefix, name), 0, new Uint8Array()));
  };
  const macKey = keyFor(0x3c, 0xc3);
  const encryptionKey = keyFor(0xc3, 0x3c);
  const iv = primitives.aesEncryptBlock(
    encryptionKey,
    concatBytes(counter, new Uint8Array(16 - counter.length)),
  );
  return {
    mac: (macInput) => truncateMac(primitives.aesCmac(macKey, macInput)),
    encrypt: (data) => primitives.aesCbcEncrypt(encryptionKey, iv, data),
    decrypt: (data) => primitives.aesCbcDecrypt(encryptionKey, iv, data),
  };
}

/**
 * Card: encrypts what names a tap (AN12196 §3.4.2).
 *
 * @param metaKey SDMMetaReadKey, 16 bytes
 * @param random fresh bytes: the padding of the block, and 8 more in LRP mode; 16 or more
 * @returns 16 bytes, in LRP mode 24
 */
export function sealPiccData(
  primitives: SdmPrimitives,
  mode: SdmMode,
  metaKey: Uint8Array,
  identity: SdmIdentity,
  random: Uint8Array,
): Uint8Array {
  if (random.length < 16) throw new CredentialError("bad-argument", "expected at least 16 random bytes");
  const { uid, counter } = identity;
  const tag = (uid === undefined ? 0 : 0x80 | UID_BYTES) | (counter === undefined ? 0 : 0x40);
  const block = new Uint8Array(16);
  block.set(random.subarray(PICC_RANDOM_BYTES, 16), 8);
  block.set(concatBytes(Uint8Array.of(tag), uid ?? new Uint8Array(), counterBytes(counter)));
  if (mode === "aes") return primitives.aesCbcEncrypt(metaKey, ZERO_IV, block);
  const piccRandom = random.slice(0, PICC_RANDOM_BYTES);
  return concatBytes(piccRandom, lricbEncrypt(makeLrpKey(primitives, metaKey, 0), piccRandom, block));
}

/**
 * Reader: decrypts what names a tap. There is no MAC over it: only the tap's MAC, checked afterwards, proves it.
 *
 * @returns the identity, or `undefined` for another length or a tag that no NTAG 424 writes (another key)
 */
export function openPiccData(
  primitives: SdmPrimitives,
  mode: SdmMode,
  metaKey: Uint8Array,
  sealed: Uint8Array,
): SdmIdentity | undefined {
  if (sealed.length !== PICC_DATA_BYTES[mode]) return undefined;
  const block =
    mode === "aes"
      ? primitives.aesCbcDecrypt(metaKey, ZERO_IV, sealed)
      : lricbDecrypt(
          makeLrpKey(primitives, metaKey, 0),
          sealed.slice(0, PICC_RANDOM_BYTES),
          sealed.slice(PICC_RANDOM_BYTES),
        );
  const tag = block[0] ?? 0;
  const hasUid = (tag & 0x80) !== 0;
  const hasCounter = (tag & 0x40) !== 0;
  if ((tag & 0x30) !== 0 || (tag & 0x0f) !== (hasUid ? UID_BYTES : 0)) return undefined;
  const counterOffset = hasUid ? 1 + UID_BYTES : 1;
  return {
    ...(hasUid ? { uid: block.slice(1, 1 + UID_BYTES) } : {}),
    ...(hasCounter ? { counter: counterOf(block.subarray(counterOffset, counterOffset + 3)) } : {}),
  };
}

/** 3 bytes little-endian; none without a counter. */
function counterBytes(counter: number | undefined): Uint8Array {
  if (counter === undefined) return new Uint8Array();
  if (!Number.isInteger(counter) || counter < 0 || counter > 0xff_ffff) {
    throw new CredentialError("bad-argument", "expected a read counter of 0 to 16777215");
  }
  return Uint8Array.of(counter & 0xff, (counter >> 8) & 0xff, counter >> 16);
}

function counterOf(littleEndian: Uint8Array): number {
  return (littleEndian[0] ?? 0) | ((littleEndian[1] ?? 0) << 8) | ((littleEndian[2] ?? 0) << 16);
}

/** `bytes`, zeros, `suffix`: together whole blocks. */
function zeroPadded(bytes: Uint8Array, suffixBytes: number, suffix: Uint8Array): Uint8Array {
  const blocks = Math.ceil((bytes.length + suffixBytes) / 16);
  return concatBytes(bytes, new Uint8Array(blocks * 16 - bytes.length - suffixBytes), suffix);
}
