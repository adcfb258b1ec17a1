import { fromHex, toHex } from "@menshen/crypto";
import { CredentialError } from "../credential-error.ts";
import type { SdmIdentity, SdmMode, SdmPrimitives } from "./sdm-crypto.ts";
import { openSdmSession, PICC_DATA_BYTES, sealPiccData } from "./sdm-crypto.ts";
import type { SunMessage } from "./sun-verification.ts";

/**
 * Where a card mirrors into its file, as offsets in bytes from the start of the text at hand. On the card the text is
 * the whole file; behind a web address it is the address, all offsets less by the same amount.
 *
 * The MAC covers the text from `macInputOffset` to `macOffset` as it stands there, literals such as `&cmac=`
 * included (AN12196's own example does so); equal offsets mean an empty input.
 */
export interface SunLayout {
  readonly mode: SdmMode;
  /** Encrypted UID and counter: 32 hexadecimal digits, in LRP mode 48. */
  readonly piccDataOffset?: number;
  /** UID in clear: 14 hexadecimal digits. Not together with `piccDataOffset`. */
  readonly uidOffset?: number;
  /** Counter in clear: 6 hexadecimal digits, most significant first. Not together with `piccDataOffset`. */
  readonly counterOffset?: number;
  /** Encrypted file data: `lengthDigits` hexadecimal digits, a multiple of 32, over half as many bytes of the file. */
  readonly fileData?: { readonly offset: number; readonly lengthDigits: number };
  readonly macInputOffset: number;
  /** 16 hexadecimal digits. */
  readonly macOffset: number;
}

const MAC_DIGITS = 16;
const UID_DIGITS = 14;
const COUNTER_DIGITS = 6;

/**
 * Reads a mirrored text.
 *
 * @returns the message to verify, or `undefined` when the text is too short or holds other than digits where the
 *   layout has digits
 */
export function readSunText(text: string, layout: SunLayout): SunMessage | undefined {
  // Offsets count bytes; every text a card can mirror into is ASCII.
  if (!/^[\x20-\x7e]*$/.test(text) || layout.macInputOffset > layout.macOffset) return undefined;
  const mac = digits(text, layout.macOffset, MAC_DIGITS);
  if (mac === undefined) return undefined;
  const macInput = new TextEncoder().encode(text.slice(layout.macInputOffset, layout.macOffset));
  let message: SunMessage = { mode: layout.mode, mac, macInput };

  if (layout.fileData !== undefined) {
    const { offset, lengthDigits } = layout.fileData;
    const encryptedFileData = isWholeBlocks(lengthDigits) ? digits(text, offset, lengthDigits) : undefined;
    if (encryptedFileData === undefined) return undefined;
    message = { ...message, encryptedFileData };
  }
  if (layout.piccDataOffset !== undefined) {
    const encryptedPiccData = digits(text, layout.piccDataOffset, 2 * PICC_DATA_BYTES[layout.mode]);
    return encryptedPiccData === undefined ? undefined : { ...message, encryptedPiccData };
  }
  if (layout.uidOffset === undefined) return undefined;
  const uid = digits(text, layout.uidOffset, UID_DIGITS);
  if (uid === undefined) return undefined;
  if (layout.counterOffset === undefined) return { ...message, plainIdentity: { uid } };
  const counter = digits(text, layout.counterOffset, COUNTER_DIGITS);
  if (counter === undefined) return undefined;
  return { ...message, plainIdentity: { uid, counter: Number.parseInt(toHex(counter), 16) } };
}

/**
 * Card: the file as a reader sees it at one tap, every mirror filled in (data sheet §9.3).
 *
 * @param input.text the file's bytes as written, placeholders where the mirrors go; encrypted file data are taken
 *   from the first half of their own place
 * @param input.random at least 16 fresh bytes, for PICCData
 * @throws {CredentialError} `bad-argument` when a mirror does not fit the text, or file data are not whole blocks
 */
export function mirrorSunText(input: {
  readonly primitives: SdmPrimitives;
  readonly layout: SunLayout;
  readonly text: Uint8Array;
  readonly metaKey: Uint8Array;
  readonly fileKey: Uint8Array;
  readonly uid: Uint8Array;
  readonly counter: number;
  readonly random: Uint8Array;
}): Uint8Array {
  const { primitives, layout, metaKey, fileKey, uid, counter } = input;
  const mirrored = input.text.slice();
  const write = (offset: number, bytes: Uint8Array) => {
    const hex = new TextEncoder().encode(toHex(bytes).toUpperCase());
    if (offset < 0 || offset + hex.length > mirrored.length) {
      throw new CredentialError("bad-argument", "expected every mirror to lie within the text");
    }
    mirrored.set(hex, offset);
  };

  let identity: SdmIdentity;
  if (layout.piccDataOffset !== undefined) {
    identity = { uid, counter };
    write(layout.piccDataOffset, sealPiccData(primitives, layout.mode, metaKey, identity, input.random));
  } else {
    identity = {
      ...(layout.uidOffset === undefined ? {} : { uid }),
      ...(layout.counterOffset === undefined ? {} : { counter }),
    };
    if (layout.uidOffset !== undefined) write(layout.uidOffset, uid);
    if (layout.counterOffset !== undefined) {
      write(layout.counterOffset, Uint8Array.of(counter >> 16, (counter >> 8) & 0xff, counter & 0xff));
    }
  }
  const session = openSdmSession(primitives, layout.mode, fileKey, identity);
  if (layout.fileData !== undefined) {
    const { offset, lengthDigits } = layout.fileData;
    if (!isWholeBlocks(lengthDigits)) {
      throw new CredentialError("bad-argument", `expected a multiple of 32 digits, got ${lengthDigits}`);
    }
    write(offset, session.encrypt(input.text.slice(offset, offset + lengthDigits / 2)));
  }
  write(layout.macOffset, session.mac(mirrored.slice(layout.macInputOffset, layout.macOffset)));
  return mirrored;
}

function isWholeBlocks(lengthDigits: number): boolean {
  return lengthDigits > 0 && lengthDigits % 32 === 0;
}

function digits(text: string, offset: number, count: number): Uint8Array | undefined {
  const part = text.slice(offset, offset + count);
  if (offset < 0 || part.length !== count || !/^[0-9a-fA-F]+$/.test(part)) return undefined;
  return fromHex(part);
}
