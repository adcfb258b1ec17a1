import { concatBytes, RistrettoElement, RistrettoScalar, sha512 } from "@menshen/crypto";
import { ascii, unsigned } from "./bytes.ts";
import type { Complaint } from "./ceremony-message.ts";
import { type CeremonySetup, contextsOf, encodeSetup } from "./ceremony-setup.ts";
import { type Offer, openShare, secretsOf } from "./cocktail.ts";
import { proveEqualLogs, verifyEqualLogs } from "./equal-logs.ts";

const COMPLAINT_DOMAIN = "MENSHEN-CUSTODY-V1/COMPLAINT";
const NONCE_TAG = ascii("MENSHEN-CUSTODY-V1/COMPLAINT-NONCE");

/** A custodian's contribution. */
export interface Contribution {
  /** The signed message that brought it, kept as evidence. */
  readonly message: Uint8Array;
  /** SHA-512 of the message. */
  readonly digest: Uint8Array;
  /** One for each epoch. */
  readonly offers: readonly Offer[];
}

/**
 * The evidence that `accused` sent a share that does not open or does not fit: the secrets of that share, with a
 * proof that they are the ones ("dispute-evidence channel" of C2SP cocktail-dkg, differences from ChillDKG, 5).
 */
export function makeComplaint(input: {
  readonly setup: CeremonySetup;
  readonly complainer: number;
  readonly secretKey: RistrettoScalar;
  readonly accused: number;
  readonly position: number;
  readonly contribution: Contribution;
}): Complaint | undefined {
  const { setup, complainer, secretKey, accused, position, contribution } = input;
  const sender = setup.custodians[accused - 1];
  const receiver = setup.custodians[complainer - 1];
  const offer = contribution.offers[position];
  if (sender === undefined || receiver === undefined || offer === undefined) return undefined;
  const secrets = secretsOf(secretKey, offer, sender);
  const complaint = { accused, position, contributionDigest: contribution.digest, secrets };
  const statement = statementOf(setup, complainer, complaint);
  // Derived, so that no state of the ceremony needs a generator; the statement makes it serve once.
  const nonce = RistrettoScalar.fromWideBytes(sha512(concatBytes(NONCE_TAG, secretKey.toBytes(), statement)));
  const proof = proveEqualLogs({
    domain: COMPLAINT_DOMAIN,
    statement,
    powers: powersOf(receiver, sender, offer, complaint),
    secret: secretKey,
    nonce,
  });
  return { ...complaint, proof };
}

/** Whether the complaint shows that the accused's share is bad. If not, the complainer lied. */
export function isComplaintJust(
  setup: CeremonySetup,
  complainer: number,
  complaint: Complaint,
  contribution: Contribution,
): boolean {
  const sender = setup.custodians[complaint.accused - 1];
  const receiver = setup.custodians[complainer - 1];
  const offer = contribution.offers[complaint.position];
  const context = contextsOf(setup)[complaint.position];
  if (sender === undefined || receiver === undefined || offer === undefined || context === undefined) {
    return false;
  }
  const proved = verifyEqualLogs({
    domain: COMPLAINT_DOMAIN,
    statement: statementOf(setup, complainer, complaint),
    powers: powersOf(receiver, sender, offer, complaint),
    proof: complaint.proof,
  });
  const { secrets } = complaint;
  return proved && openShare({ context, offer, sender, receiver, index: complainer, secrets }) === undefined;
}

function statementOf(
  setup: CeremonySetup,
  complainer: number,
  complaint: Pick<Complaint, "accused" | "position" | "contributionDigest">,
): Uint8Array {
  return concatBytes(
    sha512(encodeSetup(setup)),
    unsigned(complainer, 1),
    unsigned(complaint.accused, 1),
    unsigned(complaint.position, 1),
    complaint.contributionDigest,
  );
}

/** One secret makes the receiver's key, Sᵉ and Sᵈ. */
function powersOf(
  receiver: RistrettoElement,
  sender: RistrettoElement,
  offer: Offer,
  { secrets }: Pick<Complaint, "secrets">,
) {
  return [
    { base: RistrettoElement.base, image: receiver },
    { base: offer.ephemeral, image: secrets.ephemeral },
    { base: sender, image: secrets.lasting },
  ];
}
