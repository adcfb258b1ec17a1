import { concatBytes, type RistrettoElement, RistrettoScalar, sha512 } from "@menshen/crypto";
import { ascii, unsigned } from "./bytes.ts";

/** A base and what the secret makes of it: image = secret · base. */
export interface Power {
  readonly base: RistrettoElement;
  readonly image: RistrettoElement;
}

/** Challenge and response, called e and f by Shoup and Gennaro. */
export interface EqualLogsProof {
  readonly challenge: RistrettoScalar;
  readonly response: RistrettoScalar;
}

/**
 * Proves that all `powers` have one logarithm, without showing it: Chaum and Pedersen's proof made
 * non-interactive, as in TDH2 (its proofs with H2 and H4). The hash takes, besides what the paper puts in, a
 * domain tag and all bases, so that a proof serves one purpose and one statement only.
 *
 * @param nonce fresh and uniform, or derived from the secret and the statement; never used twice
 */
export function proveEqualLogs(input: {
  readonly domain: string;
  readonly statement: Uint8Array;
  readonly powers: readonly Power[];
  readonly secret: RistrettoScalar;
  readonly nonce: RistrettoScalar;
}): EqualLogsProof {
  return prepareProof(input)(input.domain, input.statement);
}

/**
 * The part of {@link proveEqualLogs} that does not depend on what is proved with it. The result must be called once: two
 * proofs by one nonce show the secret.
 */
export function prepareProof(input: {
  readonly powers: readonly Power[];
  readonly secret: RistrettoScalar;
  readonly nonce: RistrettoScalar;
}): (domain: string, statement: Uint8Array) => EqualLogsProof {
  const { powers, secret, nonce } = input;
  const elements = encodeAll(
    powers,
    powers.map(({ base }) => base.times(nonce)),
  );
  return (domain, statement) => {
    const challenge = challengeOf(domain, statement, elements);
    return { challenge, response: nonce.plus(challenge.times(secret)) };
  };
}

/** Whether the proof is {@link proveEqualLogs}'s of this domain, statement and these powers. */
export function verifyEqualLogs(input: {
  readonly domain: string;
  readonly statement: Uint8Array;
  readonly powers: readonly Power[];
  readonly proof: EqualLogsProof;
}): boolean {
  const { domain, statement, powers, proof } = input;
  const commitments = powers.map(({ base, image }) =>
    base.timesPublic(proof.response).minus(image.timesPublic(proof.challenge)),
  );
  return challengeOf(domain, statement, encodeAll(powers, commitments)).minus(proof.challenge).isZero;
}

/** All that the challenge hashes besides domain and statement. */
function encodeAll(powers: readonly Power[], commitments: readonly RistrettoElement[]): Uint8Array {
  return concatBytes(
    ...powers.map(({ base }) => base.toBytes()),
    ...powers.map(({ image }) => image.toBytes()),
    ...commitments.map((commitment) => commitment.toBytes()),
  );
}

function challengeOf(domain: string, statement: Uint8Array, elements: Uint8Array): RistrettoScalar {
  const tag = ascii(domain);
  return RistrettoScalar.fromWideBytes(
    sha512(concatBytes(unsigned(tag.length, 1), tag, unsigned(statement.length, 4), statement, elements)),
  );
}
