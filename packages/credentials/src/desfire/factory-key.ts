import { concatBytes } from "@menshen/crypto";
import { CredentialError } from "../credential-error.ts";
import { desfireCrc32, type VersionedKey } from "./key-change.ts";

// A DESFire leaves its factory with a DES key of zeros as the card's master. AuthenticateISO (1A) under it and one
// ChangeKey make it an AES key; DES is used for nothing else. The messages are those of DESFire EV1 and later as
// open tools speak them (libfreefare `mifare_desfire.c`, proxmark3 `desfirecore.c`); no published vector is known.

/** Triple DES with two keys in CBC mode, both ways: key 16 bytes, IV 8, whole blocks. */
export interface FactoryKeyPrimitives {
  readonly tripleDesCbcEncrypt: (key: Uint8Array, iv: Uint8Array, data: Uint8Array) => Uint8Array;
  readonly tripleDesCbcDecrypt: (key: Uint8Array, iv: Uint8Array, data: Uint8Array) => Uint8Array;
}

/** The DES key of delivery: zeros, both halves. */
export const FACTORY_DES_KEY = new Uint8Array(16);

const ZERO_IV = new Uint8Array(8);
const BLOCK_BYTES = 8;
/** Bit 7 of the key number at the card's own level: the new key is an AES key. */
export const AES_KEY_TYPE = 0x80;
const CHANGE_KEY = 0xc4;

/** Between the reader's two messages; IVs run on from message to message. */
export interface IsoReaderState {
  readonly rndA: Uint8Array;
  readonly rndB: Uint8Array;
  readonly iv: Uint8Array;
}

/**
 * Reader: the answer to the card's 8 bytes.
 *
 * @param rndA 8 fresh random bytes
 * @returns the 16 bytes to send
 * @throws {CredentialError} `malformed` for a challenge of another length
 */
export function answerIsoChallenge(
  des: FactoryKeyPrimitives,
  challenge: Uint8Array,
  rndA: Uint8Array,
): { readonly answer: Uint8Array; readonly state: IsoReaderState } {
  requireBlock(challenge);
  const rndB = des.tripleDesCbcDecrypt(FACTORY_DES_KEY, ZERO_IV, challenge);
  const answer = des.tripleDesCbcEncrypt(FACTORY_DES_KEY, challenge, concatBytes(rndA, rotated(rndB)));
  return { answer, state: { rndA, rndB, iv: answer.slice(-BLOCK_BYTES) } };
}

/**
 * Reader: checks the card's proof.
 *
 * @returns the session key, 16 bytes with equal halves, or `undefined` when the card does not know the key
 * @throws {CredentialError} `malformed` for a proof of another length
 */
export function finishIso(
  des: FactoryKeyPrimitives,
  state: IsoReaderState,
  proof: Uint8Array,
): Uint8Array | undefined {
  requireBlock(proof);
  const rotatedRndA = des.tripleDesCbcDecrypt(FACTORY_DES_KEY, state.iv, proof);
  const expected = rotated(state.rndA);
  // The factory key is no secret, so comparing it in constant time would protect nothing.
  if (rotatedRndA.some((byte, index) => byte !== expected[index])) return undefined;
  return isoSessionKey(state.rndA, state.rndB);
}

/** Card: the challenge over 8 fresh random bytes. */
export function challengeIso(des: FactoryKeyPrimitives, rndB: Uint8Array): Uint8Array {
  return des.tripleDesCbcEncrypt(FACTORY_DES_KEY, ZERO_IV, rndB);
}

/**
 * Card: checks the reader's answer.
 *
 * @returns the proof to send and the session key, or `undefined` when the reader does not know the key
 */
export function acceptIso(
  des: FactoryKeyPrimitives,
  rndB: Uint8Array,
  answer: Uint8Array,
): { readonly proof: Uint8Array; readonly sessionKey: Uint8Array } | undefined {
  if (answer.length !== 2 * BLOCK_BYTES) return undefined;
  const plain = des.tripleDesCbcDecrypt(FACTORY_DES_KEY, challengeIso(des, rndB), answer);
  const rndA = plain.slice(0, BLOCK_BYTES);
  const expected = rotated(rndB);
  if (plain.slice(BLOCK_BYTES).some((byte, index) => byte !== expected[index])) return undefined;
  const proof = des.tripleDesCbcEncrypt(FACTORY_DES_KEY, answer.slice(-BLOCK_BYTES), rotated(rndA));
  return { proof, sessionKey: isoSessionKey(rndA, rndB) };
}

/** Reader: data field of the ChangeKey that makes the card's master an AES key. 25 bytes. */
export function takeOverCommand(
  des: FactoryKeyPrimitives,
  sessionKey: Uint8Array,
  next: VersionedKey,
): Uint8Array {
  const header = Uint8Array.of(CHANGE_KEY, AES_KEY_TYPE);
  const body = Uint8Array.of(...next.value, next.version);
  const plain = new Uint8Array(24);
  plain.set(body);
  new DataView(plain.buffer).setUint32(body.length, desfireCrc32(concatBytes(header, body)), true);
  return concatBytes(Uint8Array.of(AES_KEY_TYPE), des.tripleDesCbcEncrypt(sessionKey, ZERO_IV, plain));
}

/** Card: the key that {@link takeOverCommand} brings, or `undefined` when it does not verify. */
export function takenOver(
  des: FactoryKeyPrimitives,
  sessionKey: Uint8Array,
  data: Uint8Array,
): VersionedKey | undefined {
  if (data.length !== 25 || data[0] !== AES_KEY_TYPE) return undefined;
  const plain = des.tripleDesCbcDecrypt(sessionKey, ZERO_IV, data.slice(1));
  const body = plain.slice(0, 17);
  const crc = new DataView(plain.buffer, plain.byteOffset).getUint32(17, true);
  if (crc !== desfireCrc32(concatBytes(Uint8Array.of(CHANGE_KEY, AES_KEY_TYPE), body))) return undefined;
  return { value: body.slice(0, 16), version: body[16] ?? 0 };
}

function isoSessionKey(rndA: Uint8Array, rndB: Uint8Array): Uint8Array {
  const half = concatBytes(rndA.subarray(0, 4), rndB.subarray(0, 4));
  return concatBytes(half, half);
}

function rotated(bytes: Uint8Array): Uint8Array {
  return concatBytes(bytes.subarray(1), bytes.subarray(0, 1));
}

function requireBlock(bytes: Uint8Array): void {
  if (bytes.length !== BLOCK_BYTES) {
    throw new CredentialError("malformed", `expected ${BLOCK_BYTES} bytes, got ${bytes.length}`);
  }
}
