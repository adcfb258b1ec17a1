import type { Primitives } from "@menshen/crypto";
import { concatBytes, wipe } from "@menshen/crypto";
import { advanceCounter, lricbDecrypt, lricbEncrypt, lrpCmac, makeLrpKey } from "../lrp/lrp.ts";

/** Which way a message goes; in AES mode its IV depends on it. */
export type Direction = "command" | "response";

/** What the IV of an AES message is derived from. */
export interface MessageContext {
  readonly direction: Direction;
  /** Transaction identifier, 4 bytes. */
  readonly transactionId: Uint8Array;
  /** Command counter, 0 to 65535. */
  readonly commandCounter: number;
}

/** MAC and cipher under the session keys of one authentication, AES or LRP. */
export interface SessionCipher {
  /** The whole 16-byte MAC. */
  readonly mac: (message: Uint8Array) => Uint8Array;
  /** Whole blocks in, as many out. */
  readonly encrypt: (context: MessageContext, blocks: Uint8Array) => Uint8Array;
  readonly decrypt: (context: MessageContext, blocks: Uint8Array) => Uint8Array;
  /** Overwrites the session keys; the cipher is of no use afterwards. */
  readonly wipe: () => void;
}

/** Session keys of an EV2 authentication in AES mode, 16 bytes each. */
export interface Ev2SessionKeys {
  readonly encryptionKey: Uint8Array;
  readonly macKey: Uint8Array;
}

/** What session keys in AES mode are made and used with. */
export type Ev2Primitives = Pick<
  Primitives,
  "aesEncryptBlock" | "aesCbcEncrypt" | "aesCbcDecrypt" | "aesCmac" | "constantTimeEqual"
>;

const ENCRYPTION_LABEL = Uint8Array.of(0xa5, 0x5a, 0x00, 0x01, 0x00, 0x80);
const MAC_LABEL = Uint8Array.of(0x5a, 0xa5, 0x00, 0x01, 0x00, 0x80);

/**
 * Session keys from both random numbers (AN12196 §3.3 "session key generation"; NIST SP 800-108 in counter mode).
 *
 * @param key the application key, 16 bytes
 * @param rndA the reader's 16 bytes
 * @param rndB the card's 16 bytes
 */
export function deriveEv2SessionKeys(
  primitives: Pick<Primitives, "aesCmac">,
  key: Uint8Array,
  rndA: Uint8Array,
  rndB: Uint8Array,
): Ev2SessionKeys {
  const context = sessionVectorContext(rndA, rndB);
  return {
    encryptionKey: primitives.aesCmac(key, concatBytes(ENCRYPTION_LABEL, context)),
    macKey: primitives.aesCmac(key, concatBytes(MAC_LABEL, context)),
  };
}

/** AES mode: CMAC, and CBC under an IV made of label, transaction identifier and counter. */
export function makeAesSessionCipher(primitives: Ev2Primitives, keys: Ev2SessionKeys): SessionCipher {
  const iv = ({ direction, transactionId, commandCounter }: MessageContext) => {
    const label = direction === "command" ? Uint8Array.of(0xa5, 0x5a) : Uint8Array.of(0x5a, 0xa5);
    const counter = Uint8Array.of(commandCounter & 0xff, commandCounter >> 8);
    const input = concatBytes(label, transactionId, counter, new Uint8Array(8));
    return primitives.aesEncryptBlock(keys.encryptionKey, input);
  };
  return {
    mac: (message) => primitives.aesCmac(keys.macKey, message),
    encrypt: (context, blocks) => primitives.aesCbcEncrypt(keys.encryptionKey, iv(context), blocks),
    decrypt: (context, blocks) => primitives.aesCbcDecrypt(keys.encryptionKey, iv(context), blocks),
    wipe: () => wipe(keys.encryptionKey, keys.macKey),
  };
}

/**
 * LRP mode (NTAG 424 DNA and DESFire EV2/EV3 data sheets, "LRP secure messaging"): LRP-CMAC under updated key 0,
 * LRICB under updated key 1 with one counter of 4 bytes that runs on over commands and responses.
 */
export function makeLrpSessionCipher(
  primitives: Ev2Primitives,
  key: Uint8Array,
  rndA: Uint8Array,
  rndB: Uint8Array,
): SessionCipher {
  const sessionVector = concatBytes(
    Uint8Array.of(0x00, 0x01, 0x00, 0x80),
    sessionVectorContext(rndA, rndB),
    Uint8Array.of(0x96, 0x69),
  );
  const master = lrpCmac(makeLrpKey(primitives, key, 0), sessionVector);
  const macKey = makeLrpKey(primitives, master, 0);
  const encryptionKey = makeLrpKey(primitives, master, 1);
  wipe(master);
  let counter: Uint8Array = new Uint8Array(4);
  const claim = (blocks: Uint8Array): Uint8Array => {
    const claimed = counter;
    counter = advanceCounter(counter, blocks.length / 16);
    return claimed;
  };
  return {
    mac: (message) => lrpCmac(macKey, message),
    encrypt: (_context, blocks) => lricbEncrypt(encryptionKey, claim(blocks), blocks),
    decrypt: (_context, blocks) => lricbDecrypt(encryptionKey, claim(blocks), blocks),
    wipe: () => {
      wipe(macKey.updatedKey, encryptionKey.updatedKey, ...macKey.plaintexts, ...encryptionKey.plaintexts);
    },
  };
}

/** `RndA[0..1] || (RndA[2..7] xor RndB[0..5]) || RndB[6..15] || RndA[8..15]`, 26 bytes. */
function sessionVectorContext(rndA: Uint8Array, rndB: Uint8Array): Uint8Array {
  const mixed = rndA.slice(2, 8).map((byte, i) => byte ^ (rndB[i] ?? 0));
  return concatBytes(rndA.subarray(0, 2), mixed, rndB.subarray(6), rndA.subarray(8));
}
