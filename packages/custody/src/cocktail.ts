import {
  concatBytes,
  RISTRETTO_BYTES,
  RistrettoElement,
  RistrettoScalar,
  sha512,
  XCHACHA_TAG_BYTES,
  xchachaOpen,
  xchachaSeal,
} from "@menshen/crypto";
import { ascii, littleEndian, unsigned } from "./bytes.ts";
import { CustodyError } from "./errors.ts";
import { schnorrSign, schnorrVerify } from "./schnorr.ts";
import { evaluate, evaluateCommitment, type Threshold } from "./shares.ts";

/** Length of one encrypted share; no payload is carried beside it. */
export const SEALED_SHARE_BYTES = RISTRETTO_BYTES + XCHACHA_TAG_BYTES;

const CIPHERSUITE = ascii("COCKTAIL(Ristretto255, SHA-512)");
const CONTEXT_TAG = ascii("COCKTAIL-DKG-CONTEXT");
const KEY_PREFIX = ascii("COCKTAIL-DKG-Ristretto255-SHA512-H6");

/** What one custodian offers to all in round 1 of one session (msg1 of the specification). */
export interface Offer {
  /** Commitment to the polynomial, exactly k elements. */
  readonly commitment: readonly RistrettoElement[];
  /** Proof of possession, 64 bytes. */
  readonly proof: Uint8Array;
  readonly ephemeral: RistrettoElement;
  /** For each custodian in order, its share under a key only it and the sender can compute. */
  readonly sealedShares: readonly Uint8Array[];
}

/** The part of an {@link Offer} that stands in the transcript. */
export type PublicOffer = Pick<Offer, "commitment" | "proof" | "ephemeral">;

/** What both ends of a share compute, and nobody else (Sᵉ and Sᵈ of the specification). */
export interface SharedSecrets {
  readonly ephemeral: RistrettoElement;
  readonly lasting: RistrettoElement;
}

/** `context` as "Setup" of C2SP cocktail-dkg v0.2.1 recommends it: session, ciphersuite, all keys in order. */
export function sessionContext(sessionId: Uint8Array, publicKeys: readonly RistrettoElement[]): Uint8Array {
  return sha512(
    concatBytes(
      CONTEXT_TAG,
      unsigned(sessionId.length, 8),
      sessionId,
      unsigned(CIPHERSUITE.length, 8),
      CIPHERSUITE,
      littleEndian(publicKeys.length, 4),
      ...publicKeys.map((key) => key.toBytes()),
    ),
  );
}

/** Round 1 for one custodian: "Round 1: Commitment and Encryption". The secrets are fresh for each session. */
export function makeOffer(input: {
  readonly context: Uint8Array;
  readonly publicKeys: readonly RistrettoElement[];
  readonly secretKey: RistrettoScalar;
  /** k coefficients, none of them zero, the constant one first. */
  readonly coefficients: readonly RistrettoScalar[];
  readonly ephemeralSecret: RistrettoScalar;
}): Offer {
  const { context, publicKeys, secretKey, coefficients, ephemeralSecret } = input;
  const [constant] = coefficients;
  if (constant === undefined) throw new CustodyError("invalid-argument", "expected coefficients, got none");
  const commitment = coefficients.map((coefficient) => RistrettoElement.base.times(coefficient));
  const ephemeral = RistrettoElement.base.times(ephemeralSecret);
  const sender = RistrettoElement.base.times(secretKey);
  return {
    commitment,
    proof: schnorrSign(constant, possessionMessage(context, commitment, ephemeral)),
    ephemeral,
    sealedShares: publicKeys.map((receiver, position) => {
      const secrets = { ephemeral: receiver.times(ephemeralSecret), lasting: receiver.times(secretKey) };
      const { key, nonce } = shareKey({ secrets, ephemeral, sender, receiver, context });
      return xchachaSeal(key, nonce, evaluate(coefficients, position + 1).toBytes());
    }),
  };
}

/** Round 2, step 2: whether the sender knows what it committed to, in this very session. */
export function isPossessionProved(context: Uint8Array, offer: PublicOffer): boolean {
  const [constant] = offer.commitment;
  const message = possessionMessage(context, offer.commitment, offer.ephemeral);
  return constant !== undefined && schnorrVerify(constant, message, offer.proof);
}

/** The receiver's way to the secrets of a share (round 2, step 3.1). */
export function secretsOf(secretKey: RistrettoScalar, offer: Offer, sender: RistrettoElement): SharedSecrets {
  return { ephemeral: offer.ephemeral.times(secretKey), lasting: sender.times(secretKey) };
}

/**
 * Round 2, steps 3.2 to 3.4: the share for custodian `index`.
 *
 * @returns `undefined` when it does not open, is no scalar, or does not fit the sender's commitment
 */
export function openShare(input: {
  readonly context: Uint8Array;
  readonly offer: Offer;
  readonly sender: RistrettoElement;
  readonly receiver: RistrettoElement;
  readonly index: number;
  readonly secrets: SharedSecrets;
}): RistrettoScalar | undefined {
  const { context, offer, sender, receiver, index, secrets } = input;
  const sealed = offer.sealedShares[index - 1];
  if (sealed === undefined) return undefined;
  const { key, nonce } = shareKey({ secrets, ephemeral: offer.ephemeral, sender, receiver, context });
  const plaintext = xchachaOpen(key, nonce, sealed);
  const share = plaintext === undefined ? undefined : RistrettoScalar.parse(plaintext);
  if (share === undefined) return undefined;
  return RistrettoElement.base.times(share).equals(evaluateCommitment(offer.commitment, index))
    ? share
    : undefined;
}

/** The transcript that every custodian signs: "Round 3: Certification", step 1. */
export function sessionTranscript(input: {
  readonly context: Uint8Array;
  readonly threshold: Threshold;
  readonly publicKeys: readonly RistrettoElement[];
  readonly offers: readonly PublicOffer[];
  readonly extension: Uint8Array;
}): Uint8Array {
  const { context, threshold, publicKeys, offers, extension } = input;
  return concatBytes(
    littleEndian(CIPHERSUITE.length, 8),
    CIPHERSUITE,
    littleEndian(context.length, 8),
    context,
    littleEndian(threshold.n, 4),
    littleEndian(threshold.k, 4),
    ...publicKeys.map((key) => key.toBytes()),
    ...offers.flatMap((offer) => offer.commitment.map((element) => element.toBytes())),
    ...offers.map((offer) => offer.proof),
    ...offers.map((offer) => offer.ephemeral.toBytes()),
    littleEndian(extension.length, 8),
    extension,
  );
}

function possessionMessage(
  context: Uint8Array,
  commitment: readonly RistrettoElement[],
  ephemeral: RistrettoElement,
): Uint8Array {
  return concatBytes(context, ...commitment.map((element) => element.toBytes()), ephemeral.toBytes());
}

/** H6 of the specification; the hash is long enough for key and nonce. */
function shareKey(input: {
  readonly secrets: SharedSecrets;
  readonly ephemeral: RistrettoElement;
  readonly sender: RistrettoElement;
  readonly receiver: RistrettoElement;
  readonly context: Uint8Array;
}): { readonly key: Uint8Array; readonly nonce: Uint8Array } {
  const hash = sha512(
    concatBytes(
      KEY_PREFIX,
      input.secrets.ephemeral.toBytes(),
      input.secrets.lasting.toBytes(),
      input.ephemeral.toBytes(),
      input.sender.toBytes(),
      input.receiver.toBytes(),
      littleEndian(input.context.length, 8),
      input.context,
    ),
  );
  return { key: hash.subarray(0, 32), nonce: hash.subarray(32, 56) };
}
