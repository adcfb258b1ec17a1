import {
  aesCbcDecrypt,
  aesCbcEncrypt,
  aesEncryptBlock,
  concatBytes,
  constantTimeEqual,
  wipe,
} from "@menshen/crypto/node";
import { SecurityBlock } from "../codes.ts";
import { closeFrame, type Frame, type FrameHeader, frameBody, MAC_BYTES } from "../frame/frame.ts";
import type { Message } from "../message/command.ts";

const BLOCK_BYTES = 16;

/** The three keys of a session (SIA OSDP v2.2 Annex D.4.1). */
export interface SessionKeys {
  readonly sEnc: Uint8Array;
  readonly sMac1: Uint8Array;
  readonly sMac2: Uint8Array;
}

/**
 * S-ENC, S-MAC1 and S-MAC2 from the base key and the panel's random number.
 *
 * @param scbk 16 bytes
 * @param cpRandom 8 bytes, of which the first six count
 */
export function deriveSessionKeys(scbk: Uint8Array, cpRandom: Uint8Array): SessionKeys {
  const derive = (first: number, second: number) => {
    const block = new Uint8Array(BLOCK_BYTES);
    block.set([first, second]);
    block.set(cpRandom.subarray(0, 6), 2);
    return aesEncryptBlock(scbk, block);
  };
  return { sEnc: derive(0x01, 0x82), sMac1: derive(0x01, 0x01), sMac2: derive(0x01, 0x02) };
}

/** What the peripheral proves itself with: AES(S-ENC, A || B) (Annex D.4.3). */
export function pdCryptogram(keys: SessionKeys, cpRandom: Uint8Array, pdRandom: Uint8Array): Uint8Array {
  return aesEncryptBlock(keys.sEnc, concatBytes(cpRandom, pdRandom));
}

/** What the panel proves itself with: AES(S-ENC, B || A) (Annex D.4.4). */
export function cpCryptogram(keys: SessionKeys, cpRandom: Uint8Array, pdRandom: Uint8Array): Uint8Array {
  return aesEncryptBlock(keys.sEnc, concatBytes(pdRandom, cpRandom));
}

/** R-MAC-I, the value the MAC chain starts from (Annex D.4.5). */
export function initialRMac(keys: SessionKeys, cryptogramOfCp: Uint8Array): Uint8Array {
  return aesEncryptBlock(keys.sMac2, aesEncryptBlock(keys.sMac1, cryptogramOfCp));
}

export type OpenFault = "not-secured" | "wrong-mac" | "wrong-padding";

/** One established secure channel, on either side. */
export interface SecureSession {
  /** Builds the frame of a message; `encipher` only matters when there is data. Advances this side's MAC chain. */
  seal(header: FrameHeader, message: Message, protection?: Protection): Uint8Array<ArrayBuffer>;
  /**
   * Verifies and deciphers a frame of the other side. The chain advances only when the MAC is right, so a forged frame
   * leaves the session usable.
   */
  open(frame: Frame): Message | OpenFault;
  /** Overwrites the keys; the session must not be used afterwards. */
  wipe(): void;
}

/**
 * How the data of a message travels. `enciphered` is the rule. `mac-only` leaves data readable with the given block
 * type, which the standard allows and which some peripherals use for status reports (libosdp 3.2 sends type 15).
 */
export type Protection =
  | { readonly kind: "enciphered" }
  | { readonly kind: "mac-only"; readonly blockType: number };

const ENCIPHERED: Protection = { kind: "enciphered" };

/**
 * @param keys taken over: the session wipes them
 * @param rMac R-MAC-I of the handshake
 */
export function makeSecureSession(keys: SessionKeys, rMac: Uint8Array): SecureSession {
  // INVARIANT: a command is chained on the last reply's MAC, a reply on the last command's (Annex D.5).
  let lastCommandMac: Uint8Array = new Uint8Array(BLOCK_BYTES);
  let lastReplyMac: Uint8Array = rMac;

  const chainFor = (reply: boolean) => (reply ? lastCommandMac : lastReplyMac);
  const advance = (reply: boolean, mac: Uint8Array) => {
    if (reply) lastReplyMac = mac;
    else lastCommandMac = mac;
  };

  return {
    seal(header, message, protection = ENCIPHERED) {
      const chain = chainFor(header.reply);
      const hasData = message.data.length > 0;
      const encipher = hasData && protection.kind === "enciphered";
      const payload = encipher
        ? aesCbcEncrypt(keys.sEnc, complement(chain), pad(message.data))
        : message.data;
      const plainType = header.reply ? SecurityBlock.replyMac : SecurityBlock.commandMac;
      const encipheredType = header.reply ? SecurityBlock.replyEnciphered : SecurityBlock.commandEnciphered;
      const type = encipher
        ? encipheredType
        : hasData && protection.kind === "mac-only"
          ? protection.blockType
          : plainType;
      const body = frameBody(header, message.code, payload, { type, data: new Uint8Array(0) });
      const mac = chainedMac(keys, chain, body);
      advance(header.reply, mac);
      return closeFrame(header, body, mac.subarray(0, MAC_BYTES));
    },

    open(frame) {
      if (frame.mac === undefined || frame.security === undefined) return "not-secured";
      const chain = chainFor(frame.reply);
      const mac = chainedMac(keys, chain, frame.covered);
      if (!constantTimeEqual(mac.subarray(0, MAC_BYTES), frame.mac)) return "wrong-mac";
      const enciphered =
        frame.security.type === SecurityBlock.commandEnciphered ||
        frame.security.type === SecurityBlock.replyEnciphered;
      // Some peripherals announce enciphered data and send none; its MAC still holds.
      const data =
        enciphered && frame.payload.length > 0
          ? decipher(keys.sEnc, complement(chain), frame.payload)
          : frame.payload;
      if (data === undefined) return "wrong-padding";
      advance(frame.reply, mac);
      return { code: frame.code, data };
    },

    wipe() {
      wipe(keys.sEnc, keys.sMac1, keys.sMac2, lastCommandMac, lastReplyMac);
    },
  };
}

/**
 * CBC-MAC: S-MAC1 for all blocks but the last, S-MAC2 for the last; padded only when the bytes do not fill their last
 * block (Annex D.5).
 */
function chainedMac(keys: SessionKeys, chain: Uint8Array, bytes: Uint8Array): Uint8Array {
  const padded = bytes.length % BLOCK_BYTES === 0 ? bytes : pad(bytes);
  const head = padded.subarray(0, padded.length - BLOCK_BYTES);
  const last = padded.slice(padded.length - BLOCK_BYTES);
  const before = head.length === 0 ? chain : aesCbcEncrypt(keys.sMac1, chain, head).subarray(-BLOCK_BYTES);
  for (let i = 0; i < BLOCK_BYTES; i += 1) last[i] = (last[i] ?? 0) ^ (before[i] ?? 0);
  return aesEncryptBlock(keys.sMac2, last);
}

function complement(chain: Uint8Array): Uint8Array {
  return chain.map((byte) => ~byte & 0xff);
}

/** 80 and as many zeros as fill the block. */
function pad(bytes: Uint8Array): Uint8Array {
  const padded = new Uint8Array(Math.ceil((bytes.length + 1) / BLOCK_BYTES) * BLOCK_BYTES);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  return padded;
}

function decipher(key: Uint8Array, iv: Uint8Array, payload: Uint8Array): Uint8Array | undefined {
  if (payload.length % BLOCK_BYTES !== 0) return undefined;
  const padded = aesCbcDecrypt(key, iv, payload);
  const end = padded.findLastIndex((byte) => byte !== 0);
  return end >= padded.length - BLOCK_BYTES && padded[end] === 0x80 ? padded.slice(0, end) : undefined;
}
