import { CredentialError } from "../credential-error.ts";
import { encodeAccessRights } from "../desfire/access-rights.ts";
import { encodeSdmSettings } from "../sdm/sdm-settings.ts";

/** An address that an NTAG 424 shows to telephones, with its enciphered identifier, counter and code in it. */
export interface SunMirror {
  /**
   * ASCII, with the placeholders `{picc}` (32 digits: UID and counter, enciphered) and `{cmac}` (16 digits, over the text
   * between the two), each once and in this order. `https://` only.
   */
  readonly address: string;
}

/** What goes onto the card for a mirror. */
export interface SunFile {
  /** Content of file 2 from its beginning. */
  readonly content: Uint8Array;
  /** What ChangeFileSettings takes behind the file number. */
  readonly settings: Uint8Array;
}

const PICC = "{picc}";
const CMAC = "{cmac}";
const PICC_DIGITS = 32;
const CMAC_DIGITS = 16;
/** One short record: D1 01, payload length, type "U", prefix code 04 for `https://` (NFC Forum URI RTD §3.2). */
const HTTPS = "https://";
const HEADER_BYTES = 7;
const SDM_ON = 0x40;

/**
 * @param keys.meta enciphers UID and counter: shared by all cards, or a server could not tell which card it is
 * @param keys.file makes the code
 * @throws {CredentialError} `bad-argument` for an address of another form or too long
 */
export function sunFile(
  { address }: SunMirror,
  keys: { readonly meta: number; readonly file: number },
): SunFile {
  const pieces = address.split(/\{picc\}|\{cmac\}/);
  const ordered = address.indexOf(PICC) < address.indexOf(CMAC);
  const fits = pieces.length === 3 && ordered && address.startsWith(HTTPS) && /^[\x21-\x7e]+$/.test(address);
  const text = address
    .slice(HTTPS.length)
    .replace(PICC, "0".repeat(PICC_DIGITS))
    .replace(CMAC, "0".repeat(CMAC_DIGITS));
  if (!fits || text.length > 200) {
    throw new CredentialError(
      "bad-argument",
      "expected an https address with {picc} and {cmac}, up to 200 bytes",
    );
  }
  const bytes = new TextEncoder().encode(text);
  const record = Uint8Array.of(0xd1, 0x01, bytes.length + 1, 0x55, 0x04, ...bytes);
  const piccDataOffset = HEADER_BYTES + address.indexOf(PICC) - HTTPS.length;
  const macOffset = HEADER_BYTES + address.indexOf(CMAC) - HTTPS.length + (PICC_DIGITS - PICC.length);
  const sdm = encodeSdmSettings({
    mirrorsUid: true,
    mirrorsCounter: true,
    metaRead: keys.meta,
    fileRead: keys.file,
    counterRead: "never",
    piccDataOffset,
    // The code covers everything between the two placeholders, so that no parameter can be exchanged.
    macInputOffset: piccDataOffset,
    macOffset,
  });
  const rights = encodeAccessRights({ read: "free", write: 0, readWrite: "never", change: 0 });
  return {
    content: Uint8Array.of(0x00, record.length, ...record),
    settings: Uint8Array.of(SDM_ON, ...rights, ...sdm),
  };
}
