import { concatBytes } from "@menshen/crypto";
import { CredentialError } from "../credential-error.ts";
import type { Ev2CardState, Ev2Secret } from "../ev2/authentication.ts";
import { SecureSession } from "../ev2/secure-session.ts";
import type { SessionCipher } from "../ev2/session-cipher.ts";
import { makeLrpSessionCipher } from "../ev2/session-cipher.ts";

// AuthenticateLRPFirst (NTAG 424 DNA data sheet §9.2.5): random numbers travel in clear, proofs are LRP-CMACs under
// the session's MAC key, and only the transaction identifier is enciphered.

const RANDOM_BYTES = 16;
const TRANSACTION_ID_BYTES = 4;
const CAPABILITIES_BYTES = 12;
const LRP_MODE = 0x01;

/** The reader's memory between its two messages. */
export interface LrpReaderState {
  readonly rndA: Uint8Array;
  readonly rndB: Uint8Array;
  readonly cipher: SessionCipher;
}

/** Data field of AuthenticateLRPFirst: key number and one capability byte, which asks for LRP (PCDcap2.1 = 02). */
export function lrpFirstRequest(keyNumber: number): Uint8Array {
  return Uint8Array.of(keyNumber, 0x01, 0x02);
}

/**
 * Card: the challenge, `01 || RndB`.
 *
 * @param rndB 16 fresh random bytes
 */
export function challengeLrp(rndB: Uint8Array): {
  readonly challenge: Uint8Array;
  readonly state: Ev2CardState;
} {
  requireBytes("RndB", rndB, RANDOM_BYTES);
  return { challenge: concatBytes(Uint8Array.of(LRP_MODE), rndB), state: { rndB } };
}

/**
 * Reader: the answer to a challenge, `RndA || CMAC(RndA || RndB)`.
 *
 * @param rndA 16 fresh random bytes
 * @throws {CredentialError} `malformed` for a challenge that is not LRP's: the card runs in AES mode
 */
export function answerLrpChallenge(
  { primitives, key }: Ev2Secret,
  challenge: Uint8Array,
  rndA: Uint8Array,
): { readonly answer: Uint8Array; readonly state: LrpReaderState } {
  requireBytes("RndA", rndA, RANDOM_BYTES);
  if (challenge.length !== 1 + RANDOM_BYTES || challenge[0] !== LRP_MODE) {
    throw new CredentialError("malformed", "expected the challenge of a card in LRP mode");
  }
  const rndB = challenge.slice(1);
  const cipher = makeLrpSessionCipher(primitives, key, rndA, rndB);
  const answer = concatBytes(rndA, cipher.mac(concatBytes(rndA, rndB)));
  return { answer, state: { rndA, rndB, cipher } };
}

/**
 * Card: checks the reader's answer.
 *
 * @param transactionId 4 fresh random bytes
 * @returns the 32 bytes to send and the open session, or `undefined` when the reader does not know the key
 */
export function acceptLrpFirst(
  { primitives, key }: Ev2Secret,
  { rndB }: Ev2CardState,
  answer: Uint8Array,
  transactionId: Uint8Array,
): { readonly proof: Uint8Array; readonly session: SecureSession } | undefined {
  requireBytes("a transaction identifier", transactionId, TRANSACTION_ID_BYTES);
  if (answer.length !== 2 * RANDOM_BYTES) return undefined;
  const rndA = answer.slice(0, RANDOM_BYTES);
  const cipher = makeLrpSessionCipher(primitives, key, rndA, rndB);
  const expected = cipher.mac(concatBytes(rndA, rndB));
  if (!primitives.constantTimeEqual(expected, answer.subarray(RANDOM_BYTES))) {
    cipher.wipe();
    return undefined;
  }
  const plain = concatBytes(transactionId, new Uint8Array(CAPABILITIES_BYTES));
  const enciphered = cipher.encrypt(contextOf("response", transactionId), plain);
  const proof = concatBytes(enciphered, cipher.mac(concatBytes(rndB, rndA, enciphered)));
  return { proof, session: new SecureSession(primitives, cipher, transactionId) };
}

/**
 * Reader: checks the card's proof.
 *
 * @returns the open session, or `undefined` when the card does not know the key
 * @throws {CredentialError} `malformed` for a proof of another length
 */
export function finishLrpFirst(
  { primitives }: Ev2Secret,
  { rndA, rndB, cipher }: LrpReaderState,
  proof: Uint8Array,
): SecureSession | undefined {
  if (proof.length !== 32) {
    throw new CredentialError("malformed", `expected 32 bytes, got ${proof.length}`);
  }
  const enciphered = proof.slice(0, 16);
  const expected = cipher.mac(concatBytes(rndB, rndA, enciphered));
  if (!primitives.constantTimeEqual(expected, proof.subarray(16))) {
    cipher.wipe();
    return undefined;
  }
  const plain = cipher.decrypt(contextOf("response", new Uint8Array(TRANSACTION_ID_BYTES)), enciphered);
  return new SecureSession(primitives, cipher, plain.slice(0, TRANSACTION_ID_BYTES));
}

/** LRICB has its own counter and ignores this; the interface is AES mode's too. */
function contextOf(direction: "response", transactionId: Uint8Array) {
  return { direction, transactionId, commandCounter: 0 };
}

function requireBytes(what: string, bytes: Uint8Array, lengthBytes: number): void {
  if (bytes.length !== lengthBytes) {
    throw new CredentialError(
      "bad-argument",
      `expected ${what} of ${lengthBytes} bytes, got ${bytes.length}`,
    );
  }
}
