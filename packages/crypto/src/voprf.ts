import { ristretto255_oprf } from "@noble/curves/ed25519.js";
import { requireLength } from "./checks.ts";
import { CryptoError } from "./crypto-error.ts";
import { type RandomBytes, RISTRETTO_BYTES, RistrettoElement, RistrettoScalar } from "./ristretto255.ts";

// RFC 9497, ristretto255-SHA512 in VOPRF mode: whoever asks learns F(key, input) and that it was this key; whoever answers
// learns nothing of the input.

const { voprf } = ristretto255_oprf;

/** The longest input; RFC 9497 §1.2 allows up to 65,535 bytes. */
const MAX_INPUT_BYTES = 1_024;
/** More in one request would keep the one who answers busy for too long. */
export const VOPRF_MAX_BATCH = 64;
export const VOPRF_PROOF_BYTES = 64;

export interface VoprfKeys {
  /** 32 bytes. */
  readonly secretKey: Uint8Array;
  /** 32 bytes; whoever asks must have it from somewhere else than the answer. */
  readonly publicKey: Uint8Array;
}

/** What the asking side keeps until the answer is there. */
export interface VoprfQuestion {
  readonly input: Uint8Array;
  /** Secret, and for this one question. */
  readonly blind: Uint8Array;
  /** Goes to the other side. */
  readonly blinded: Uint8Array;
}

/** What comes back for a batch of questions, in their order. */
export interface VoprfAnswer {
  readonly evaluated: readonly Uint8Array[];
  /** 64 bytes, for all of them together. */
  readonly proof: Uint8Array;
}

/** A new key pair (RFC 9497 §3.2: a uniform scalar). */
export function voprfGenerate(randomBytes: RandomBytes): VoprfKeys {
  return voprfKeysOf(RistrettoScalar.random(randomBytes).toBytes());
}

/**
 * The pair of a secret key.
 *
 * @throws {CryptoError} `bad-key` unless it is a canonical scalar other than zero
 */
export function voprfKeysOf(secretKey: Uint8Array): VoprfKeys {
  const scalar = RistrettoScalar.parse(secretKey);
  if (scalar === undefined || scalar.isZero) {
    throw new CryptoError("bad-key", "expected a canonical scalar other than zero");
  }
  return { secretKey: Uint8Array.from(secretKey), publicKey: RistrettoElement.base.times(scalar).toBytes() };
}

/**
 * Blinds an input (RFC 9497 §3.3.2).
 *
 * @throws {CryptoError} `bad-length` for an empty input or one beyond 1,024 bytes
 */
export function voprfBlind(input: Uint8Array, randomBytes: RandomBytes): VoprfQuestion {
  if (input.length === 0 || input.length > MAX_INPUT_BYTES) {
    throw new CryptoError(
      "bad-length",
      `expected an input of 1 to ${MAX_INPUT_BYTES} bytes, got ${input.length}`,
    );
  }
  const { blind, blinded } = voprf.blind(input, rngOf(randomBytes));
  return { input: Uint8Array.from(input), blind, blinded };
}

/**
 * Answers a batch of questions with a proof that all were answered under this key.
 *
 * @returns `undefined` unless each is a canonical element other than the identity, and there are 1 to 64 of them
 * @throws {CryptoError} `bad-key`
 */
export function voprfEvaluate(
  keys: VoprfKeys,
  blinded: readonly Uint8Array[],
  randomBytes: RandomBytes,
): VoprfAnswer | undefined {
  requireLength("a secret key", keys.secretKey, RISTRETTO_BYTES);
  if (blinded.length === 0 || blinded.length > VOPRF_MAX_BATCH) return undefined;
  if (blinded.some((one) => RistrettoElement.parse(one) === undefined)) return undefined;
  const { evaluated, proof } = voprf.blindEvaluateBatch(
    keys.secretKey,
    keys.publicKey,
    blinded.map((one) => Uint8Array.from(one)),
    rngOf(randomBytes),
  );
  return { evaluated, proof };
}

/**
 * Takes the blinds off, after the proof was checked.
 *
 * @returns 64 bytes for each question in their order; `undefined` when the proof does not fit the key, and for anything
 *   that is no answer to these questions
 */
export function voprfFinalize(
  publicKey: Uint8Array,
  questions: readonly VoprfQuestion[],
  { evaluated, proof }: VoprfAnswer,
): readonly Uint8Array[] | undefined {
  if (questions.length === 0 || questions.length !== evaluated.length) return undefined;
  if (proof.length !== VOPRF_PROOF_BYTES || RistrettoElement.parse(publicKey) === undefined) return undefined;
  const items = questions.flatMap(({ input, blind, blinded }, index) => {
    const element = evaluated[index];
    if (element === undefined || RistrettoElement.parse(element) === undefined) return [];
    return [{ input, blind, blinded, evaluated: Uint8Array.from(element) }];
  });
  if (items.length !== questions.length) return undefined;
  try {
    return voprf.finalizeBatch(items, publicKey, proof);
  } catch {
    return undefined; // the library throws when the proof does not verify
  }
}

function rngOf(randomBytes: RandomBytes): (lengthBytes?: number) => Uint8Array<ArrayBuffer> {
  return (lengthBytes = RISTRETTO_BYTES) => Uint8Array.from(randomBytes(lengthBytes));
}
