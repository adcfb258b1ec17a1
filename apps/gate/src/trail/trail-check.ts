import { concatBytes, coseVerify1, sha256, toHex } from "@menshen/crypto/node";
import {
  asksForNoLess,
  type CustodianSet,
  CustodyError,
  encodeCustodianSet,
  encodeEpochKey,
  followCustodianSets,
  isEndorsedPolicy,
  parseCustodianSet,
  parseWitnessPolicy,
  verifyVouchedCertificate,
} from "@menshen/custody";
import { type CommunityId, type EpochGrid, epochAt, type GateId } from "@menshen/domain";
import {
  type AppliedError,
  externalAad,
  MAX_CUSTODIAN_SETS,
  type TrailCeremony,
  type TrailMessage,
  trailMessage,
} from "@menshen/wire";
import { Refusal, refusalOf } from "../held/snapshot-check.ts";
import { type Announcement, announcementsAfter, believedDeskKeys, type DeskKey } from "./desk-keys.ts";
import { type LogPolicy, makeLeafProof } from "./leaf-proof.ts";
import { isPeerProven } from "./peer-evidence.ts";

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

/** The log as first seen, or as custodians endorsed it since. */
export interface BelievedLog extends LogPolicy {
  /** Of the last policy that custodians endorsed; 0: none yet. */
  readonly endorsedVersion: number;
}

/** What a gate made of the trail documents it has seen. Plain values, kept sealed. */
export interface TrailState {
  readonly version: number;
  readonly grid: EpochGrid;
  /** Days from the end of an epoch to the end of its entries; absent: nobody said. */
  readonly retentionDays?: number;
  readonly generation: number;
  readonly peers: readonly Peer[];
  /** Keys of this epoch and later ones, encoded, each with the version of the set that made it. */
  readonly epochKeys: readonly {
    readonly epoch: number;
    readonly encoded: Uint8Array;
    readonly setVersion: number;
  }[];
  /** The custodian sets this gate believes, encoded, the oldest first: as first seen, then each endorsed by the one before. */
  readonly custodians: readonly Uint8Array[];
  readonly log?: BelievedLog;
  /** Of the decisions in the last document that the log proves. */
  readonly deskKeys: readonly DeskKey[];
  /** When decisions to name were first proven; they stay when a proof is renewed. */
  readonly announced: readonly Announcement[];
  /** The last document named another log or less demanding witnesses; `log` stayed. */
  readonly logRefused: boolean;
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
  const { believed: custodians, followed } = believedCustodians(held?.custodians ?? [], document);
  const { log, refused: logRefused } = believedPolicy(held?.log, document, followed);
  // Without a log nothing is proven, and nobody is named.
  const proves = log === undefined ? () => undefined : makeLeafProof(request.communityId, log);
  const naming = document.naming ?? [];
  const announced = announcementsAfter(held?.announced ?? [], naming, proves);
  const present = epochAt(grid, request.earliestMs) ?? 1;
  const { epochKeys, judged } = judgedCeremonies(held, custodians, document.ceremonies, present);
  return {
    version: document.trailVersion,
    grid,
    ...(document.retentionDays === undefined ? {} : { retentionDays: document.retentionDays }),
    generation: Math.max(document.generation, held?.generation ?? 0),
    peers: document.peers.map((peer) => ({
      gateId: peer.gateId,
      deviceKey: peer.deviceKey,
      sealingKey: peer.sealingKey,
      proven: isPeerProven(proves, peer),
    })),
    epochKeys: epochKeys.filter(({ epoch }) => epoch >= present),
    custodians: custodians.map(encodeCustodianSet),
    ...(log === undefined ? {} : { log }),
    deskKeys: believedDeskKeys(naming, proves, announced),
    announced,
    logRefused,
    judged,
  };
}

function logPolicyOf({ logKey, witnesses, quorum }: TrailMessage): BelievedLog | undefined {
  return logKey === undefined ? undefined : { logKey, witnesses, quorum, endorsedVersion: 0 };
}

/**
 * The log this gate believes in: as first seen; another policy where enough custodians endorsed it; and from there what
 * asks for no less.
 *
 * @param sets the last custodians believed before the document, and those that took their place since
 */
function believedPolicy(
  held: BelievedLog | undefined,
  document: TrailMessage,
  sets: readonly CustodianSet[],
): { readonly log: BelievedLog | undefined; readonly refused: boolean } {
  const offered = logPolicyOf(document);
  const endorsed = endorsedPolicy(held?.endorsedVersion ?? 0, document, sets);
  const known = endorsed ?? held;
  // A server that names no log any more changes nothing.
  if (known === undefined || offered === undefined) return { log: known ?? offered, refused: false };
  if (!asksForNoLess(known, offered)) return { log: known, refused: true };
  return { log: { ...offered, endorsedVersion: known.endorsedVersion }, refused: false };
}

function endorsedPolicy(
  known: number,
  { witnessPolicy, trailVersion }: TrailMessage,
  sets: readonly CustodianSet[],
): BelievedLog | undefined {
  if (witnessPolicy === undefined) return undefined;
  const { setVersion, endorsements } = witnessPolicy;
  const policy = parsed(() => parseWitnessPolicy(witnessPolicy.encoded), trailVersion);
  if (!isEndorsedPolicy(known, { policy, setVersion, endorsements }, sets)) return undefined;
  const { version, logKey, witnesses, quorum } = policy;
  return { logKey, witnesses: witnesses.map(({ key }) => key), quorum, endorsedVersion: version };
}

/**
 * The sets this gate believes after the document, the oldest first: those it believed, and the way from the last of them
 * to the one in force, each step endorsed by the set before. What a server shows from before a believed set proves
 * nothing, and is not taken: made-up custodians endorse whom they like. `followed` begins with the last one believed before.
 *
 * @throws {Refusal}
 */
function believedCustodians(
  held: readonly Uint8Array[],
  { custodians, trailVersion }: TrailMessage,
): { readonly believed: readonly CustodianSet[]; readonly followed: readonly CustodianSet[] } {
  const believed = held.map(parseCustodianSet);
  // A server that names no custodians any more changes nothing: those believed stay.
  if (custodians.length === 0) return { believed, followed: believed.slice(-1) };
  const shown = custodians.map(({ encoded, endorsements }) => ({
    set: parsed(() => parseCustodianSet(encoded), trailVersion),
    endorsements,
  }));
  const followed = followCustodianSets(believed.at(-1), shown);
  if (!followed.followed) throw new NotEndorsed("refused-by-rules", trailVersion);
  return {
    believed: [...believed.slice(0, -1), ...followed.sets].slice(-MAX_CUSTODIAN_SETS),
    followed: followed.sets,
  };
}

function parsed<T>(parse: () => T, trailVersion: number): T {
  try {
    return parse();
  } catch (fault) {
    if (fault instanceof CustodyError) throw new Refusal("invalid", trailVersion);
    throw fault;
  }
}

/**
 * Epoch keys of ceremonies that believed custodians held, each judged once. Within one set the first key of an epoch
 * stays; a later set's takes its place as long as the epoch is to come. An epoch that has begun keeps its key.
 */
function judgedCeremonies(
  held: TrailState | undefined,
  believed: readonly CustodianSet[],
  ceremonies: readonly TrailCeremony[],
  presentEpoch: number,
): Pick<TrailState, "epochKeys" | "judged"> {
  const keys = new Map((held?.epochKeys ?? []).map((key) => [key.epoch, key] as const));
  const begun = new Set([...keys.keys()].filter((epoch) => epoch <= presentEpoch));
  const before = new Set(held?.judged);
  const judged: string[] = [];
  for (const ceremony of ceremonies) {
    const { setVersion } = ceremony;
    const set = believed.find(({ version }) => version === setVersion);
    if (set === undefined) continue;
    const hash = toHex(
      sha256(concatBytes(encodeCustodianSet(set), ceremony.certificate, ...ceremony.vouches)),
    );
    judged.push(hash);
    if (before.has(hash)) continue;
    for (const key of keysOf(set, ceremony)) {
      const known = keys.get(key.epoch);
      if (known !== undefined && (begun.has(key.epoch) || known.setVersion >= setVersion)) continue;
      keys.set(key.epoch, { epoch: key.epoch, encoded: encodeEpochKey(key), setVersion });
    }
  }
  return { epochKeys: [...keys.values()].sort((a, b) => a.epoch - b.epoch), judged };
}

function keysOf(set: CustodianSet, { certificate, vouches }: TrailCeremony) {
  try {
    const verdict = verifyVouchedCertificate(set, certificate, vouches);
    return verdict.valid ? verdict.keys : [];
  } catch (fault) {
    // Not of the form: no reason to refuse the ceremonies beside it.
    if (fault instanceof CustodyError) return [];
    throw fault;
  }
}
