import { equalBytes, type RandomBytes, RistrettoElement, RistrettoScalar, sha512 } from "@menshen/crypto";
import { type Contribution, isComplaintJust, makeComplaint } from "./ceremony-complaint.ts";
import {
  type CeremonyEnvelope,
  encodeComplaint,
  encodeConfirmation,
  encodeContribution,
  encodeMessage,
  isEnvelopeOf,
  parseComplaint,
  parseConfirmation,
  parseContribution,
  parseEnvelope,
} from "./ceremony-message.ts";
import {
  type CeremonySetup,
  checkSetup,
  contextsOf,
  epochKeysOf,
  epochsOf,
  extensionOf,
  sumOfShares,
  transcriptsOf,
} from "./ceremony-setup.ts";
import { encodeCertificate } from "./certificate.ts";
import { isPossessionProved, makeOffer, openShare, secretsOf } from "./cocktail.ts";
import type { EpochKey } from "./epoch-key.ts";
import { CustodyError, type CustodyErrorCode } from "./errors.ts";
import type { KeyShare } from "./opening.ts";
import { schnorrSign, schnorrVerify } from "./schnorr.ts";

/**
 * Why a ceremony stopped, and who is to answer for it. `custodians` are indices from 1.
 *
 * - `vanished`: they sent nothing until the others gave up;
 * - `malformed`: they signed a message that is none;
 * - `possession-unproved`: they do not know what they committed to;
 * - `bad-share`: they sent somebody a share that does not open or does not fit;
 * - `false-complaint`: they accused another of a share that is good;
 * - `equivocated`: they signed two different messages where one is due;
 * - `views-differ`: they say different things of one contribution and one of them lies; the step's evidence, given
 *   to the others, turns it into `equivocated` where the contribution's sender signed two;
 * - `unconfirmed`: they saw the same and did not sign it;
 * - `unusable-keys`: the sums are no keys, which only all of them together can bring about.
 */
export interface CeremonyFault {
  readonly reason:
    | "vanished"
    | "malformed"
    | "possession-unproved"
    | "bad-share"
    | "false-complaint"
    | "equivocated"
    | "views-differ"
    | "unconfirmed"
    | "unusable-keys";
  readonly custodians: readonly number[];
}

/** One custodian's side of a ceremony. A value: each message makes the next one. It holds secrets. */
export type CeremonyState =
  | (Running & { readonly phase: "contributing" })
  | (Running & { readonly phase: "confirming"; readonly agreed: Agreed })
  | {
      readonly phase: "finished";
      readonly keys: readonly EpochKey[];
      /** This custodian's share of each key. */
      readonly shares: readonly KeyShare[];
      /** Encoded; anybody can check it. */
      readonly certificate: Uint8Array;
    }
  | {
      readonly phase: "stopped";
      readonly fault: CeremonyFault;
      /** With `views-differ` only: what was seen, to find out by the others' evidence who said two things. */
      readonly dispute?: Pick<Running, "setup" | "contributions">;
    };

/** Why a message changed nothing. It does not show who sent it, so nobody is blamed. */
export type MessageRefusal =
  | CustodyErrorCode
  | "not-of-this-ceremony"
  | "own-message"
  | "already-received"
  | "ended";

/** What a step came to. */
export interface CeremonyStep {
  readonly state: CeremonyState;
  /** Messages for every other custodian; when the ceremony stops, the evidence. */
  readonly send: readonly Uint8Array[];
  readonly refused?: MessageRefusal;
}

interface Running {
  readonly setup: CeremonySetup;
  readonly index: number;
  readonly secretKey: RistrettoScalar;
  readonly contributions: ReadonlyMap<number, Contribution>;
  /** Shares received, one for each epoch, by sender. */
  readonly received: ReadonlyMap<number, readonly RistrettoScalar[]>;
  /** Confirmations and complaints in the order of arrival: some wait for contributions. */
  readonly later: readonly CeremonyEnvelope[];
}

interface Agreed {
  readonly keys: readonly EpochKey[];
  readonly shares: readonly KeyShare[];
  readonly extension: Uint8Array;
  readonly transcripts: readonly Uint8Array[];
  /** By custodian, its signature for each epoch, its own included. */
  readonly signatures: ReadonlyMap<number, readonly Uint8Array[]>;
}

type Live = Extract<CeremonyState, { readonly setup: CeremonySetup }>;

/** A custodian's key pair for one ceremony. */
export interface CeremonyKey {
  readonly secretKey: RistrettoScalar;
  readonly publicKey: RistrettoElement;
}

/** A new key pair for one ceremony. Whoever reuses it gives its old ceremonies' secrecy into the new one's hands. */
export function makeCeremonyKey(random: RandomBytes): CeremonyKey {
  const secretKey = RistrettoScalar.random(random);
  return { secretKey, publicKey: RistrettoElement.base.times(secretKey) };
}

/**
 * Round 1 of one custodian.
 *
 * @param random the operating system's generator
 * @returns the state and the contribution to send to every other custodian
 * @throws {CustodyError} `invalid-argument` for a setup out of its limits or without this key
 */
export function beginCeremony(input: {
  readonly setup: CeremonySetup;
  readonly secretKey: RistrettoScalar;
  readonly random: RandomBytes;
}): CeremonyStep {
  const { setup, secretKey, random } = input;
  checkSetup(setup);
  const own = RistrettoElement.base.times(secretKey);
  const index = setup.custodians.findIndex((key) => key.equals(own)) + 1;
  if (index === 0) throw new CustodyError("invalid-argument", "expected a key of the setup");
  const offers = contextsOf(setup).map((context) =>
    makeOffer({
      context,
      publicKeys: setup.custodians,
      secretKey,
      coefficients: Array.from({ length: setup.threshold.k }, () => RistrettoScalar.random(random)),
      ephemeralSecret: RistrettoScalar.random(random),
    }),
  );
  const body = encodeContribution(offers);
  const message = encodeMessage({ kind: "contribution", setup, sender: index, secretKey, body });
  const start: Live = {
    phase: "contributing",
    setup,
    index,
    secretKey,
    contributions: new Map(),
    received: new Map(),
    later: [],
  };
  const step = takeContribution(start, index, { message, digest: sha512(message), offers });
  return { ...step, send: [message, ...step.send] };
}

/** Takes one message of another custodian, in whatever order they come. */
export function receiveMessage(state: CeremonyState, message: Uint8Array): CeremonyStep {
  if (state.phase === "finished") return { state, send: [], refused: "ended" };
  const table = state.phase === "stopped" ? state.dispute : state;
  if (table === undefined) return { state, send: [], refused: "ended" };
  let envelope: CeremonyEnvelope;
  try {
    envelope = parseEnvelope(message);
  } catch (error) {
    return { state, send: [], refused: codeOf(error) };
  }
  const { setup, contributions } = table;
  if (!isEnvelopeOf(setup, envelope)) return { state, send: [], refused: "not-of-this-ceremony" };
  const { sender } = envelope;
  if (state.phase === "stopped") {
    const known = envelope.kind === "contribution" ? contributions.get(sender) : undefined;
    return known === undefined || equalBytes(known.message, message)
      ? { state, send: [], refused: "ended" }
      : stop("equivocated", [sender], [known.message, message]);
  }
  if (sender === state.index) return { state, send: [], refused: "own-message" };
  if (envelope.kind === "contribution") return receiveContribution(state, envelope);
  const same = state.later.find((one) => one.sender === sender && one.kind === envelope.kind);
  if (same === undefined) return settle({ ...state, later: [...state.later, envelope] });
  return equalBytes(same.message, message)
    ? { state, send: [], refused: "already-received" }
    : stop("equivocated", [sender], [same.message, message]);
}

/** Gives up waiting: whoever still owes a message is named. Ended ceremonies stay as they are. */
export function abandonCeremony(state: CeremonyState): CeremonyStep {
  if (state.phase === "finished" || state.phase === "stopped") return { state, send: [], refused: "ended" };
  const heard = state.phase === "contributing" ? state.contributions : state.agreed.signatures;
  const missing = state.setup.custodians.map((_, position) => position + 1).filter((one) => !heard.has(one));
  return stop("vanished", missing);
}

function receiveContribution(state: Live, envelope: CeremonyEnvelope): CeremonyStep {
  const { setup } = state;
  const { sender, message } = envelope;
  const known = state.contributions.get(sender);
  if (known !== undefined) {
    return equalBytes(known.message, message)
      ? { state, send: [], refused: "already-received" }
      : stop("equivocated", [sender], [known.message, message]);
  }
  let contribution: Contribution;
  try {
    contribution = { message, digest: sha512(message), offers: parseContribution(setup, envelope.body) };
  } catch (error) {
    codeOf(error);
    return stop("malformed", [sender], [message]);
  }
  const contexts = contextsOf(setup);
  const proved = contribution.offers.every((offer, position) =>
    contexts.slice(position, position + 1).every((context) => isPossessionProved(context, offer)),
  );
  return proved
    ? takeContribution(state, sender, contribution)
    : stop("possession-unproved", [sender], [message]);
}

/** Opens this custodian's shares; a bad one ends the ceremony and tells the others why. */
function takeContribution(state: Live, sender: number, contribution: Contribution): CeremonyStep {
  const { setup, index, secretKey } = state;
  const [from, to] = [setup.custodians[sender - 1], setup.custodians[index - 1]];
  if (from === undefined || to === undefined)
    throw new CustodyError("invalid-argument", "expected custodians");
  const shares: RistrettoScalar[] = [];
  for (const [position, context] of contextsOf(setup).entries()) {
    const offer = contribution.offers[position];
    if (offer === undefined) return stop("malformed", [sender]);
    const secrets = secretsOf(secretKey, offer, from);
    const share = openShare({ context, offer, sender: from, receiver: to, index, secrets });
    if (share === undefined) {
      const evidence = { setup, complainer: index, secretKey, accused: sender, position, contribution };
      const complaint = makeComplaint(evidence);
      if (complaint === undefined) return stop("bad-share", [sender], [contribution.message]);
      const body = encodeComplaint(complaint);
      const message = encodeMessage({ kind: "complaint", setup, sender: index, secretKey, body });
      return stop("bad-share", [sender], [contribution.message, message]);
    }
    shares.push(share);
  }
  return settle({
    ...state,
    contributions: new Map(state.contributions).set(sender, contribution),
    received: new Map(state.received).set(sender, shares),
  });
}

/** Moves on as far as the messages at hand allow: complaints, then agreement, then confirmations. */
function settle(state: Live): CeremonyStep {
  for (const envelope of state.later) {
    const step = envelope.kind === "complaint" ? judge(state, envelope) : undefined;
    if (step !== undefined) return step;
  }
  if (state.phase === "confirming") return confirm(state, []);
  return state.contributions.size === state.setup.threshold.n ? agree(state) : { state, send: [] };
}

/** What a complaint shows, once the contribution it is about is here. */
function judge(state: Live, envelope: CeremonyEnvelope): CeremonyStep | undefined {
  const evidence = [envelope.message];
  const complainer = envelope.sender;
  let complaint: ReturnType<typeof parseComplaint>;
  try {
    complaint = parseComplaint(state.setup, envelope.body);
  } catch (error) {
    codeOf(error);
    return stop("malformed", [complainer], evidence);
  }
  const { accused } = complaint;
  if (accused === complainer) return stop("false-complaint", [complainer], evidence);
  const contribution = state.contributions.get(accused);
  if (contribution === undefined) return undefined;
  if (!equalBytes(contribution.digest, complaint.contributionDigest)) {
    return dispute(state, [accused, complainer], [contribution.message, envelope.message]);
  }
  return isComplaintJust(state.setup, complainer, complaint, contribution)
    ? stop("bad-share", [accused], evidence)
    : stop("false-complaint", [complainer], evidence);
}

/** All contributions are here: compute the keys and sign what was seen. */
function agree(state: Live): CeremonyStep {
  const { setup, index, secretKey } = state;
  const everyone = setup.custodians.map((_, position) => position + 1);
  const contributions = everyone.flatMap((one) => state.contributions.get(one) ?? []);
  const offers = contributions.map((contribution) => contribution.offers);
  const keys = epochKeysOf(setup, offers);
  const shares = epochsOf(setup).map((epoch, position) => ({
    epoch,
    index,
    secret: sumOfShares(
      everyone.flatMap((one) => state.received.get(one)?.slice(position, position + 1) ?? []),
    ),
  }));
  // The last check of round 2 follows from the checks of each share; it stands guard over this program.
  const fits = shares.every(({ secret }, position) => {
    const expected = keys?.[position]?.verificationKeys[index - 1];
    return expected !== undefined && RistrettoElement.base.times(secret).equals(expected);
  });
  if (keys === undefined || !fits) return stop("unusable-keys", everyone);
  const contributionDigests = contributions.map((contribution) => contribution.digest);
  const extension = extensionOf(contributionDigests);
  const transcripts = transcriptsOf(setup, offers, extension);
  const signatures = transcripts.map((transcript) => schnorrSign(secretKey, transcript));
  const body = encodeConfirmation({ contributionDigests, signatures });
  const message = encodeMessage({ kind: "confirmation", setup, sender: index, secretKey, body });
  const agreed = { keys, shares, extension, transcripts, signatures: new Map([[index, signatures]]) };
  return confirm({ ...state, phase: "confirming", agreed }, [message]);
}

/** Checks the confirmations that have come; the last one ends the ceremony. */
function confirm(state: Extract<Live, { phase: "confirming" }>, send: readonly Uint8Array[]): CeremonyStep {
  const { setup, agreed } = state;
  const signatures = new Map(agreed.signatures);
  for (const { kind, sender, body, message } of state.later) {
    if (kind !== "confirmation" || signatures.has(sender)) continue;
    let confirmation: ReturnType<typeof parseConfirmation>;
    try {
      confirmation = parseConfirmation(setup, body);
    } catch (error) {
      codeOf(error);
      return stop("malformed", [sender], [...send, message]);
    }
    const differing = confirmation.contributionDigests.flatMap((digest, position) => {
      const known = state.contributions.get(position + 1);
      return known !== undefined && equalBytes(known.digest, digest) ? [] : [position + 1];
    });
    if (differing.length > 0) {
      const seen = differing.flatMap((one) => state.contributions.get(one)?.message ?? []);
      return dispute(state, [...differing, sender], [...send, message, ...seen]);
    }
    const key = setup.custodians[sender - 1];
    const signed = agreed.transcripts.every((transcript, position) => {
      const signature = confirmation.signatures[position];
      return key !== undefined && signature !== undefined && schnorrVerify(key, transcript, signature);
    });
    if (!signed) return stop("unconfirmed", [sender], [...send, message]);
    signatures.set(sender, confirmation.signatures);
  }
  const everyone = setup.custodians.map((_, position) => position + 1);
  if (signatures.size < everyone.length) {
    return { state: { ...state, agreed: { ...agreed, signatures } }, send };
  }
  const certificate = encodeCertificate({
    setup,
    offers: everyone.map((one) => state.contributions.get(one)?.offers ?? []),
    extension: agreed.extension,
    signatures: everyone.map((one) => signatures.get(one) ?? []),
  });
  return { state: { phase: "finished", keys: agreed.keys, shares: agreed.shares, certificate }, send };
}

/** Ends the ceremony. The evidence is signed by those it speaks against, so that the others can see for themselves. */
function stop(
  reason: CeremonyFault["reason"],
  custodians: readonly number[],
  evidence: readonly Uint8Array[] = [],
) {
  const named = [...new Set(custodians)].toSorted((a, b) => a - b);
  const state = { phase: "stopped", fault: { reason, custodians: named } } as const;
  return { state, send: evidence };
}

/** Ends it with `views-differ`; another contribution of the same custodian can still settle who lied. */
function dispute(
  { setup, contributions }: Live,
  custodians: readonly number[],
  evidence: readonly Uint8Array[],
): CeremonyStep {
  const { state, send } = stop("views-differ", custodians, evidence);
  return { state: { ...state, dispute: { setup, contributions } }, send };
}

/** The code of a refusal; anything but our own error is a fault of this program. */
function codeOf(error: unknown): CustodyErrorCode {
  if (error instanceof CustodyError) return error.code;
  throw error;
}
