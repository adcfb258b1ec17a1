import { ed25519Verify, primitives, sha256 } from "@menshen/crypto/node";
import type { CommunityId } from "@menshen/domain";
import {
  commitLeaf,
  encodeLeaf,
  hashLeaf,
  meetsQuorum,
  type NoteKey,
  openCheckpoint,
  parseVerifierKey,
  type Sha256,
  type VerifiedSignature,
  verifyInclusion,
} from "@menshen/evidence";
import type { LeafEvidence } from "@menshen/wire";

/** The evidence log as a gate believes it; only this one proves anything to it. */
export interface LogPolicy {
  /** C2SP verifier key. */
  readonly logKey: string;
  readonly witnesses: readonly string[];
  readonly quorum: number;
}

/** Name of a community's evidence log. */
export function logOrigin(communityId: CommunityId): string {
  return `log.menshen.local/${communityId}`;
}

/** A statement that stands in the log. */
export interface ProvenLeaf {
  /**
   * When the quorum of witnesses had signed a tree with it, Unix milliseconds; `undefined` where no witness is asked
   * for.
   */
  readonly witnessedMs: number | undefined;
}

/**
 * Makes the check of whether a statement of a topic stands in the log; `undefined` if it does not. Checkpoints are
 * verified once each.
 */
export function makeLeafProof(
  communityId: CommunityId,
  policy: LogPolicy,
): (topic: string, evidence: LeafEvidence) => ProvenLeaf | undefined {
  const keys = readPolicy(policy);
  const heads = new Map<string, Head | undefined>();

  function headOf(checkpoint: string) {
    if (!heads.has(checkpoint)) heads.set(checkpoint, keys && verifiedHead(communityId, keys, checkpoint));
    return heads.get(checkpoint);
  }

  return (topic, evidence) => {
    const head = headOf(evidence.checkpoint);
    if (head === undefined || head.size !== evidence.treeSize) return undefined;
    const statement = new TextEncoder().encode(evidence.statement);
    const leaf = encodeLeaf(commitLeaf(primitives, evidence.salt, topic, statement));
    const included = verifyInclusion(sha256, {
      index: evidence.leafIndex,
      size: head.size,
      root: head.root,
      leafHash: hashLeaf(sha256 satisfies Sha256, leaf),
      proof: evidence.proof,
    });
    return included ? { witnessedMs: head.witnessedMs } : undefined;
  };
}

interface Head extends ProvenLeaf {
  readonly size: number;
  readonly root: Uint8Array;
}

interface PolicyKeys {
  readonly log: NoteKey;
  readonly witnesses: readonly NoteKey[];
  readonly quorum: number;
}

function readPolicy({ logKey, witnesses, quorum }: LogPolicy): PolicyKeys | undefined {
  const log = parseVerifierKey(sha256, logKey);
  const parsed = witnesses.map((witness) => parseVerifierKey(sha256, witness));
  if (!log.parsed) return undefined;
  return { log: log.key, witnesses: parsed.flatMap((one) => (one.parsed ? [one.key] : [])), quorum };
}

/** A tree that the log signed. */
export interface SignedHead {
  readonly size: number;
  readonly root: Uint8Array;
  /** Enough witnesses have signed it too. */
  readonly witnessed: boolean;
}

/** Opens a checkpoint of the log this gate believes; `undefined` for anything else. */
export function openHead(
  communityId: CommunityId,
  policy: LogPolicy,
  checkpoint: string,
): SignedHead | undefined {
  const keys = readPolicy(policy);
  const opened = keys && opensUnder(communityId, keys, checkpoint);
  if (keys === undefined || opened === undefined) return undefined;
  return { ...opened.signed.checkpoint, witnessed: hasQuorum(keys, opened.cosignatures) };
}

function verifiedHead(communityId: CommunityId, keys: PolicyKeys, checkpoint: string) {
  const opened = opensUnder(communityId, keys, checkpoint);
  if (opened === undefined || !hasQuorum(keys, opened.cosignatures)) return undefined;
  return { ...opened.signed.checkpoint, witnessedMs: quorumTimeMs(opened.cosignatures, keys.quorum) };
}

function opensUnder(communityId: CommunityId, { log, witnesses }: PolicyKeys, checkpoint: string) {
  let opened: ReturnType<typeof openCheckpoint>;
  try {
    opened = openCheckpoint({ sha256, ed25519Verify }, new TextEncoder().encode(checkpoint), {
      origin: logOrigin(communityId),
      logKeys: [log],
      witnessKeys: witnesses,
    });
  } catch {
    return undefined; // keys of the wrong type, or one twice: such a policy proves nothing
  }
  return opened.opened ? opened : undefined;
}

/** Each witness is a body of its own here: whoever chose the policy counted bodies. */
function hasQuorum({ witnesses, quorum }: PolicyKeys, cosignatures: readonly VerifiedSignature[]): boolean {
  const known = { witnesses: witnesses.map((key) => ({ body: key.keyId, key })), quorum };
  return meetsQuorum(known, cosignatures);
}

/** When the last of the earliest `quorum` witnesses signed. */
function quorumTimeMs(cosignatures: readonly VerifiedSignature[], quorum: number): number | undefined {
  const seconds = cosignatures.flatMap(({ timeSeconds }) => timeSeconds ?? []).sort((a, b) => a - b);
  const last = quorum === 0 ? undefined : seconds[quorum - 1];
  return last === undefined ? undefined : last * 1_000;
}
