import { concatBytes, coseVerify1, equalBytes, sha256, toHex } from "@menshen/crypto/node";
import {
  type CustodianSet,
  CustodyError,
  encodeCustodianSet,
  encodeEpochKey,
  parseCustodianSet,
  verifyEndorsements,
  verifyVouchedCertificate,
} from "@menshen/custody";
import { type CommunityId, type EpochGrid, epochAt, type GateId } from "@menshen/domain";
import {
  type AppliedError,
  externalAad,
  type TrailCeremony,
  type TrailCustodianSet,
  type TrailMessage,
  trailMessage,
} from "@menshen/wire";
import { Refusal, refusalOf } from "../held/snapshot-check.ts";
import { type LogPolicy, makePeerProof } from "./peer-evidence.ts";

/** Another gate of the community. */
export interface Peer {
  readonly gateId: GateId;
  /** P-256, uncompressed. */
  readonly deviceKey: Uint8Array;
  /** X25519. */
  readonly sealingKey: Uint8Array;
  /** The issue of its certificate is proven to be in the evidence log. */
  readonly proven: boolean;
}

/** What a gate made of the trail documents it has seen. Plain values, kept sealed. */
export interface TrailState {
  readonly version: number;
  readonly grid: EpochGrid;
  readonly generation: number;
  readonly peers: readonly Peer[];
  /** Keys of this epoch and later ones, each as first seen, encoded. */
  readonly epochKeys: readonly { readonly epoch: number; readonly encoded: Uint8Array }[];
  /** The custodian set this gate believes, encoded; as first seen, or endorsed since. */
  readonly custodians?: Uint8Array;
  readonly log?: LogPolicy;
  /** Hashes of ceremonies that were checked, good or not, in hexadecimal. */
  readonly judged: readonly string[];
}

/** A trail document as it came, and what is held already. Plain values, for another thread. */
export interface TrailRequest {
  readonly message: Uint8Array;
  readonly policyKey: Uint8Array;
  readonly gateId: GateId;
  readonly communityId: CommunityId;
  readonly held: { readonly state: TrailState; readonly stored: boolean } | undefined;
  /** Unix milliseconds that have certainly passed: keys of epochs before are not kept. */
  readonly earliestMs: number;
}

export type TrailAnswer =
  | { readonly outcome: "checked"; readonly state: TrailState }
  /** This very version is held already. */
  | { readonly outcome: "held"; readonly version: number }
  | {
      readonly outcome: "refused";
      readonly error: AppliedError;
      readonly version: number;
      /** The custodians it names are not those this gate believes, nor endorsed by them. */
      readonly notEndorsed: boolean;
    };

class NotEndorsed extends Refusal {}

/** Checks signature, addressee, version, custodians, ceremonies and peers. Never throws. */
export function checkTrail(request: TrailRequest): TrailAnswer {
  try {
    const verification = coseVerify1({
      message: request.message,
      key: { alg: "EdDSA", publicKey: request.policyKey },
      externalAad: externalAad("trail"),
    });
    if (!verification.verified) throw new Refusal("bad-signature", 0);
    const document = trailMessage.decode(verification.payload);
    const { trailVersion } = document;
    if (document.gateId !== request.gateId) throw new Refusal("wrong-gate", trailVersion);
    const { held } = request;
    if (held !== undefined && trailVersion < held.state.version) {
      throw new Refusal("older-version", trailVersion);
    }
    if (held?.stored === true && trailVersion === held.state.version) {
      return { outcome: "held", version: trailVersion };
    }
    return { outcome: "checked", state: stateAfter(held?.state, document, request) };
  } catch (fault) {
    return { outcome: "refused", ...refusalOf(fault), notEndorsed: fault instanceof NotEndorsed };
  }
}

function stateAfter(held: TrailState | undefined, document: TrailMessage, request: TrailRequest): TrailState {
  const grid = { anchorMs: document.grid.anchor, epochMs: document.grid.epochMs };
  if (held !== undefined && (held.grid.anchorMs !== grid.anchorMs || held.grid.epochMs !== grid.epochMs)) {
    throw new Refusal("refused-by-rules", document.trailVersion);
  }
  const custodians = believedCustodians(held?.custodians, document);
  const log = believedPolicy(held?.log, logPolicyOf(document));
  const isProven = log === undefined ? () => false : makePeerProof(request.communityId, log);
  const { epochKeys, judged } = judgedCeremonies(held, custodians, document.ceremonies);
  const present = epochAt(grid, request.earliestMs) ?? 1;
  return {
    version: document.trailVersion,
    grid,
    generation: Math.max(document.generation, held?.generation ?? 0),
    peers: document.peers.map((peer) => ({
      gateId: peer.gateId,
      deviceKey: peer.deviceKey,
      sealingKey: peer.sealingKey,
      proven: isProven(peer),
    })),
    epochKeys: epochKeys.filter(({ epoch }) => epoch >= present),
    ...(custodians === undefined ? {} : { custodians: encodeCustodianSet(custodians) }),
    ...(log === undefined ? {} : { log }),
    judged,
  };
}

function logPolicyOf({ logKey, witnesses, quorum }: TrailMessage): LogPolicy | undefined {
  return logKey === undefined ? undefined : { logKey, witnesses, quorum };
}

/**
 * The log this gate believes in: as first seen, or one that asks for no less, so that whatever proves something by the new
 * policy proves it by the old one. Where a server drops or replaces a witness this gate goes on asking for the old one.
 */
function believedPolicy(held: LogPolicy | undefined, offered: LogPolicy | undefined): LogPolicy | undefined {
  if (held === undefined || offered === undefined) return held ?? offered;
  if (offered.logKey !== held.logKey) return held;
  // Nobody's signature was asked for: any witness is more than that.
  if (held.quorum === 0) return offered;
  const kept = held.witnesses.every((witness) => offered.witnesses.includes(witness));
  const added = offered.witnesses.filter((witness) => !held.witnesses.includes(witness)).length;
  return kept && offered.quorum - added >= held.quorum ? offered : held;
}

/** The set in force for this gate after the document. @throws {Refusal} */
function believedCustodians(
  pinned: Uint8Array | undefined,
  { custodians, trailVersion }: TrailMessage,
): CustodianSet | undefined {
  const before = pinned === undefined ? undefined : parseCustodianSet(pinned);
  // A server that names no custodians any more changes nothing: those believed stay.
  if (custodians === undefined) return before;
  const { version, threshold, members } = custodians;
  const offered: CustodianSet = { version, threshold, members };
  const encoded = encodedSet(offered, trailVersion);
  if (before === undefined || (pinned !== undefined && equalBytes(pinned, encoded))) return offered;
  if (!isEndorsed(before, offered, custodians)) throw new NotEndorsed("refused-by-rules", trailVersion);
  return offered;
}

/**
 * Endorsed by the set believed here; or, for a gate that missed sets in between, by enough of its members while they sat
 * in the set before the offered one.
 */
function isEndorsed(before: CustodianSet, offered: CustodianSet, document: TrailCustodianSet): boolean {
  const { endorsements } = document;
  if (verifyEndorsements(before, offered, endorsements)) return true;
  if (document.previous === undefined) return false;
  let between: CustodianSet;
  try {
    between = parseCustodianSet(document.previous);
  } catch (fault) {
    if (fault instanceof CustodyError) return false;
    throw fault;
  }
  if (between.version <= before.version || between.threshold < before.threshold) return false;
  const believed = new Set(before.members.map(({ identityKey }) => toHex(identityKey)));
  const byBelieved = endorsements.filter(({ index }) => {
    const member = between.members[index - 1];
    return member !== undefined && believed.has(toHex(member.identityKey));
  });
  return verifyEndorsements(between, offered, byBelieved);
}

function encodedSet(set: CustodianSet, trailVersion: number): Uint8Array {
  try {
    return encodeCustodianSet(set);
  } catch (fault) {
    if (fault instanceof CustodyError) throw new Refusal("invalid", trailVersion);
    throw fault;
  }
}

/** Epoch keys of ceremonies that the believed custodians held. Each ceremony is judged once; the first key of an epoch stays. */
function judgedCeremonies(
  held: TrailState | undefined,
  custodians: CustodianSet | undefined,
  ceremonies: readonly TrailCeremony[],
): Pick<TrailState, "epochKeys" | "judged"> {
  const keys = new Map((held?.epochKeys ?? []).map((key) => [key.epoch, key] as const));
  const before = new Set(held?.judged);
  const judged: string[] = [];
  for (const ceremony of ceremonies) {
    if (custodians === undefined) break;
    const hash = toHex(
      sha256(concatBytes(encodeCustodianSet(custodians), ceremony.certificate, ...ceremony.vouches)),
    );
    judged.push(hash);
    if (before.has(hash)) continue;
    for (const key of keysOf(custodians, ceremony)) {
      if (!keys.has(key.epoch)) keys.set(key.epoch, { epoch: key.epoch, encoded: encodeEpochKey(key) });
    }
  }
  return { epochKeys: [...keys.values()].sort((a, b) => a.epoch - b.epoch), judged };
}

function keysOf(custodians: CustodianSet, { certificate, vouches }: TrailCeremony) {
  try {
    const verdict = verifyVouchedCertificate(custodians, certificate, vouches);
    return verdict.valid ? verdict.keys : [];
  } catch (fault) {
    // Not of the form: no reason to refuse the ceremonies beside it.
    if (fault instanceof CustodyError) return [];
    throw fault;
  }
}
