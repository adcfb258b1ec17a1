import { concatBytes, RistrettoElement, sha512 } from "@menshen/crypto";
import { ascii, ByteReader, malformed, unsigned } from "./bytes.ts";
import { CustodyError } from "./errors.ts";
import { isThreshold, lagrangeAtZero, MAX_CUSTODIANS, sumOf, type Threshold } from "./shares.ts";

const MAGIC = "MENSHEN-CUSTODY-KEY";
const VERSION = 1;
const SECOND_GENERATOR_DOMAIN = "MENSHEN-CUSTODY-V1-SECOND-GENERATOR";
const MAX_BYTES = 64 + 32 * (MAX_CUSTODIANS + 1);

/** Largest number of an epoch. */
export const MAX_EPOCH = 0xffff_ffff;

/** What an {@link EpochKey} is made of; the rest follows from it. */
export type EpochKeyParts = Pick<EpochKey, "epoch" | "threshold" | "publicKey" | "verificationKeys">;

/** The public key to which the entries of one epoch are sealed, and what its custodians' answers are checked by. */
export interface EpochKey {
  readonly epoch: number;
  readonly threshold: Threshold;
  /** h of TDH2. */
  readonly publicKey: RistrettoElement;
  /** h₁ … hₙ of TDH2; custodian i's stands at i − 1. */
  readonly verificationKeys: readonly RistrettoElement[];
  /** ḡ of TDH2, hashed from the rest, so that nobody knows its logarithm. */
  readonly secondGenerator: RistrettoElement;
  /** Names the key, 32 bytes: the front half of its encoding's SHA-512. */
  readonly id: Uint8Array;
}

/**
 * Completes a key from its parts.
 *
 * @throws {CustodyError} `invalid-argument` unless threshold, epoch and keys fit together: the verification
 *   keys must lie on one polynomial of degree k − 1 whose value at 0 is the public key
 */
export function makeEpochKey(parts: EpochKeyParts): EpochKey {
  const { epoch, threshold, publicKey, verificationKeys } = parts;
  if (!isThreshold(threshold) || verificationKeys.length !== threshold.n) {
    throw new CustodyError("invalid-argument", "expected a threshold and one verification key a custodian");
  }
  if (!Number.isInteger(epoch) || epoch < 0 || epoch > MAX_EPOCH) {
    throw new CustodyError("invalid-argument", `expected an epoch of 0 to ${MAX_EPOCH}, got ${epoch}`);
  }
  if ([publicKey, ...verificationKeys].some((element) => element.isIdentity) || !isOnePolynomial(parts)) {
    throw new CustodyError("invalid-argument", "expected keys of one polynomial, none of them the identity");
  }
  return complete(parts);
}

/** The one encoding: header, epoch (4), k (1), n (1), public key, verification keys. */
export function encodeEpochKey(key: EpochKeyParts): Uint8Array<ArrayBuffer> {
  return concatBytes(
    ascii(MAGIC),
    unsigned(VERSION, 1),
    unsigned(key.epoch, 4),
    unsigned(key.threshold.k, 1),
    unsigned(key.threshold.n, 1),
    key.publicKey.toBytes(),
    ...key.verificationKeys.map((element) => element.toBytes()),
  );
}

/**
 * Reads what {@link encodeEpochKey} wrote.
 *
 * @throws {CustodyError} `malformed`, `too-large`, `unknown-version`
 */
export function parseEpochKey(bytes: Uint8Array): EpochKey {
  const reader = new ByteReader(bytes, MAX_BYTES);
  reader.header(MAGIC, VERSION);
  const epoch = reader.unsigned(4);
  const threshold = { k: reader.unsigned(1), n: reader.unsigned(1) };
  if (!isThreshold(threshold)) throw malformed("a threshold out of range");
  const publicKey = reader.element();
  const verificationKeys = reader.elements(threshold.n);
  reader.end();
  if (!isOnePolynomial({ threshold, publicKey, verificationKeys })) throw malformed("keys that do not fit");
  return complete({ epoch, threshold, publicKey, verificationKeys });
}

function complete(parts: EpochKeyParts): EpochKey {
  const encoded = encodeEpochKey(parts);
  return {
    ...parts,
    secondGenerator: RistrettoElement.hash(encoded, SECOND_GENERATOR_DOMAIN),
    id: sha512(encoded).slice(0, 32),
  };
}

/** Whether every k neighbouring verification keys interpolate to the public key. */
function isOnePolynomial(key: Pick<EpochKey, "threshold" | "publicKey" | "verificationKeys">): boolean {
  const { k, n } = key.threshold;
  for (let first = 1; first + k - 1 <= n; first += 1) {
    const indices = Array.from({ length: k }, (_, offset) => first + offset);
    const terms = key.verificationKeys
      .slice(first - 1, first - 1 + k)
      .map((element, offset) => element.timesPublic(lagrangeAtZero(first + offset, indices)));
    if (!sumOf(terms).equals(key.publicKey)) return false;
  }
  return true;
}
