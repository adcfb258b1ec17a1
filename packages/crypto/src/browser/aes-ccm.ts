import { cbc, ctr } from "@noble/ciphers/aes.js";
import { type CcmOptions, requireCcm } from "../aes-ccm.ts";
import { concatBytes } from "../bytes.ts";

const BLOCK_BYTES = 16;

/**
 * AES-CCM (RFC 3610, SP 800-38C): ciphertext followed by the tag. A nonce must never repeat under one key.
 *
 * @param key 16, 24 or 32 bytes
 * @param nonce 7 to 13 bytes
 * @throws {CryptoError} `bad-length`
 */
export function aesCcmSeal(
  key: Uint8Array,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  options: CcmOptions = {},
): Uint8Array {
  requireCcm(key, nonce, plaintext.length, options);
  const tag = tagOf(key, nonce, plaintext, options);
  // RFC 3610 §2.3: the tag is masked with key stream block 0, the text with the blocks behind it.
  const stream = keyStream(key, nonce, concatBytes(tag, plaintext));
  return concatBytes(stream.subarray(BLOCK_BYTES), stream.subarray(0, options.tagBytes ?? BLOCK_BYTES));
}

/**
 * Opens what {@link aesCcmSeal} made.
 *
 * @returns the plaintext, or `undefined` when the tag does not verify or the input is shorter than a tag
 * @throws {CryptoError} `bad-length` for key, nonce or options
 */
export function aesCcmOpen(
  key: Uint8Array,
  nonce: Uint8Array,
  sealed: Uint8Array,
  options: CcmOptions = {},
): Uint8Array | undefined {
  const { tagBytes = BLOCK_BYTES } = options;
  const textBytes = sealed.length - tagBytes;
  requireCcm(key, nonce, Math.max(0, textBytes), options);
  if (textBytes < 0) return undefined;
  const maskedTag = new Uint8Array(BLOCK_BYTES);
  maskedTag.set(sealed.subarray(textBytes));
  const stream = keyStream(key, nonce, concatBytes(maskedTag, sealed.subarray(0, textBytes)));
  const plaintext = stream.slice(BLOCK_BYTES);
  const tag = tagOf(key, nonce, plaintext, options);
  let difference = 0;
  for (let i = 0; i < tagBytes; i += 1) difference |= (tag[i] ?? 0) ^ (stream[i] ?? 0);
  if (difference === 0) return plaintext;
  plaintext.fill(0);
  return undefined;
}

/** RFC 3610 §2.2: the CBC-MAC over B_0, the aad with its length, and the text, each filled up with zeros. */
function tagOf(key: Uint8Array, nonce: Uint8Array, text: Uint8Array, options: CcmOptions): Uint8Array {
  const { aad = new Uint8Array(), tagBytes = BLOCK_BYTES } = options;
  const lengthFieldBytes = 15 - nonce.length;
  const first = new Uint8Array(BLOCK_BYTES);
  first[0] = (aad.length > 0 ? 0x40 : 0) | (((tagBytes - 2) / 2) << 3) | (lengthFieldBytes - 1);
  first.set(nonce, 1);
  for (let i = 0, rest = text.length; i < lengthFieldBytes; i += 1, rest = Math.floor(rest / 256)) {
    first[15 - i] = rest % 256;
  }
  const aadLength = aad.length > 0 ? Uint8Array.of(aad.length >> 8, aad.length & 0xff) : new Uint8Array();
  const blocks = concatBytes(first, filled(concatBytes(aadLength, aad)), filled(text));
  const mac = cbc(key, new Uint8Array(BLOCK_BYTES), { disablePadding: true }).encrypt(blocks);
  const tag = new Uint8Array(BLOCK_BYTES);
  tag.set(mac.subarray(mac.length - BLOCK_BYTES).subarray(0, tagBytes));
  return tag;
}

function keyStream(key: Uint8Array, nonce: Uint8Array, bytes: Uint8Array): Uint8Array {
  const counter = new Uint8Array(BLOCK_BYTES);
  counter[0] = 14 - nonce.length;
  counter.set(nonce, 1);
  return ctr(key, counter).encrypt(bytes);
}

function filled(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(Math.ceil(bytes.length / BLOCK_BYTES) * BLOCK_BYTES);
  whole.set(bytes);
  return whole;
}
