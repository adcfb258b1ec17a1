import { concatBytes } from "@menshen/crypto";
import { CredentialError } from "../credential-error.ts";
import { SecureSession } from "./secure-session.ts";
import type { Ev2Primitives } from "./session-cipher.ts";
import { deriveEv2SessionKeys, makeAesSessionCipher } from "./session-cipher.ts";

// AuthenticateEV2First and AuthenticateEV2NonFirst in AES mode (AN12196 §6.6, §6.10), as pure steps for both ends.
// The reader proves the key over RndB, the card over RndA; neither number is ever sent in clear.

/** Zeros: every message of the authentication is enciphered on its own. */
const ZERO_IV = new Uint8Array(16);

const RANDOM_BYTES = 16;
const TRANSACTION_ID_BYTES = 4;
/** PDcap2 and PCDcap2, 6 bytes each: capabilities that nobody here uses. */
const CAPABILITIES_BYTES = 12;

/** What an authentication is made with. */
export interface Ev2Secret {
  readonly primitives: Ev2Primitives;
  /** The application key, AES-128, diversified for this card. */
  readonly key: Uint8Array;
}

/** The reader's memory between its two messages. */
export interface Ev2ReaderState {
  readonly rndA: Uint8Array;
  readonly rndB: Uint8Array;
}

/** The card's memory between its two messages. */
export interface Ev2CardState {
  readonly rndB: Uint8Array;
}

/** Data field of AuthenticateEV2First: key number and no capabilities (LenCap 00). */
export function ev2FirstRequest(keyNumber: number): Uint8Array {
  return Uint8Array.of(keyNumber, 0x00);
}

/** Data field of AuthenticateEV2NonFirst: the key number. */
export function ev2NonFirstRequest(keyNumber: number): Uint8Array {
  return Uint8Array.of(keyNumber);
}

/**
 * Card, first and non-first: the challenge.
 *
 * @param rndB 16 fresh random bytes
 * @returns the 16 bytes to send, and what to remember
 */
export function challengeEv2(
  { primitives, key }: Ev2Secret,
  rndB: Uint8Array,
): { readonly challenge: Uint8Array; readonly state: Ev2CardState } {
  requireBytes("RndB", rndB, RANDOM_BYTES);
  return { challenge: primitives.aesCbcEncrypt(key, ZERO_IV, rndB), state: { rndB } };
}

/**
 * Reader, first and non-first: the answer to a challenge.
 *
 * @param challenge the card's 16 bytes
 * @param rndA 16 fresh random bytes
 * @returns the 32 bytes to send, and what to remember
 * @throws {CredentialError} `malformed` for a challenge of another length
 */
export function answerEv2Challenge(
  { primitives, key }: Ev2Secret,
  challenge: Uint8Array,
  rndA: Uint8Array,
): { readonly answer: Uint8Array; readonly state: Ev2ReaderState } {
  requireBytes("RndA", rndA, RANDOM_BYTES);
  requireMessage(challenge, RANDOM_BYTES);
  const rndB = primitives.aesCbcDecrypt(key, ZERO_IV, challenge);
  const answer = primitives.aesCbcEncrypt(key, ZERO_IV, concatBytes(rndA, rotatedLeft(rndB)));
  return { answer, state: { rndA, rndB } };
}

/**
 * Card: checks the reader's answer to a first authentication.
 *
 * @param transactionId 4 fresh random bytes
 * @returns the 32 bytes to send and the open session, or `undefined` when the reader does not know the key
 */
export function acceptEv2First(
  secret: Ev2Secret,
  state: Ev2CardState,
  answer: Uint8Array,
  transactionId: Uint8Array,
): { readonly proof: Uint8Array; readonly session: SecureSession } | undefined {
  requireBytes("a transaction identifier", transactionId, TRANSACTION_ID_BYTES);
  const rndA = readerRandom(secret, state, answer);
  if (rndA === undefined) return undefined;
  const plain = concatBytes(transactionId, rotatedLeft(rndA), new Uint8Array(CAPABILITIES_BYTES));
  const proof = secret.primitives.aesCbcEncrypt(secret.key, ZERO_IV, plain);
  return { proof, session: openSession(secret, rndA, state.rndB, transactionId, 0) };
}

/**
 * Reader: checks the card's proof of a first authentication.
 *
 * @returns the open session, or `undefined` when the card does not know the key
 * @throws {CredentialError} `malformed` for a proof of another length
 */
export function finishEv2First(
  secret: Ev2Secret,
  state: Ev2ReaderState,
  proof: Uint8Array,
): SecureSession | undefined {
  requireMessage(proof, TRANSACTION_ID_BYTES + RANDOM_BYTES + CAPABILITIES_BYTES);
  const plain = secret.primitives.aesCbcDecrypt(secret.key, ZERO_IV, proof);
  const transactionId = plain.slice(0, TRANSACTION_ID_BYTES);
  const rotatedRndA = plain.slice(TRANSACTION_ID_BYTES, TRANSACTION_ID_BYTES + RANDOM_BYTES);
  if (!secret.primitives.constantTimeEqual(rotatedRndA, rotatedLeft(state.rndA))) return undefined;
  return openSession(secret, state.rndA, state.rndB, transactionId, 0);
}

/**
 * Card: checks the reader's answer to a non-first authentication, which keeps transaction identifier and counter
 * of the session before it and replaces its keys.
 *
 * @returns the 16 bytes to send and the new session, or `undefined` when the reader does not know the key
 */
export function acceptEv2NonFirst(
  secret: Ev2Secret,
  state: Ev2CardState,
  answer: Uint8Array,
  previous: SecureSession,
): { readonly proof: Uint8Array; readonly session: SecureSession } | undefined {
  const rndA = readerRandom(secret, state, answer);
  if (rndA === undefined) return undefined;
  const proof = secret.primitives.aesCbcEncrypt(secret.key, ZERO_IV, rotatedLeft(rndA));
  const { transactionId, commandCounter } = previous;
  previous.end();
  return { proof, session: openSession(secret, rndA, state.rndB, transactionId, commandCounter) };
}

/**
 * Reader: checks the card's proof of a non-first authentication; see {@link acceptEv2NonFirst}.
 *
 * @throws {CredentialError} `malformed` for a proof of another length
 */
export function finishEv2NonFirst(
  secret: Ev2Secret,
  state: Ev2ReaderState,
  proof: Uint8Array,
  previous: SecureSession,
): SecureSession | undefined {
  requireMessage(proof, RANDOM_BYTES);
  const rotatedRndA = secret.primitives.aesCbcDecrypt(secret.key, ZERO_IV, proof);
  if (!secret.primitives.constantTimeEqual(rotatedRndA, rotatedLeft(state.rndA))) return undefined;
  const { transactionId, commandCounter } = previous;
  previous.end();
  return openSession(secret, state.rndA, state.rndB, transactionId, commandCounter);
}

/** RndA out of a reader's answer, if RndB is in it. */
function readerRandom(secret: Ev2Secret, state: Ev2CardState, answer: Uint8Array): Uint8Array | undefined {
  if (answer.length !== 2 * RANDOM_BYTES) return undefined;
  const plain = secret.primitives.aesCbcDecrypt(secret.key, ZERO_IV, answer);
  const rotatedRndB = plain.slice(RANDOM_BYTES);
  if (!secret.primitives.constantTimeEqual(rotatedRndB, rotatedLeft(state.rndB))) return undefined;
  return plain.slice(0, RANDOM_BYTES);
}

function openSession(
  { primitives, key }: Ev2Secret,
  rndA: Uint8Array,
  rndB: Uint8Array,
  transactionId: Uint8Array,
  commandCounter: number,
): SecureSession {
  const cipher = makeAesSessionCipher(primitives, deriveEv2SessionKeys(primitives, key, rndA, rndB));
  return new SecureSession(primitives, cipher, transactionId, commandCounter);
}

/** By one byte, as both proofs do. */
function rotatedLeft(bytes: Uint8Array): Uint8Array {
  return concatBytes(bytes.subarray(1), bytes.subarray(0, 1));
}

function requireBytes(what: string, bytes: Uint8Array, lengthBytes: number): void {
  if (bytes.length !== lengthBytes) {
    throw new CredentialError(
      "bad-argument",
      `expected ${what} of ${lengthBytes} bytes, got ${bytes.length}`,
    );
  }
}

function requireMessage(message: Uint8Array, lengthBytes: number): void {
  if (message.length !== lengthBytes) {
    throw new CredentialError("malformed", `expected ${lengthBytes} bytes, got ${message.length}`);
  }
}
