import { ed25519Verify, primitives, sha256 } from "@menshen/crypto/node";
import { type CanonicalJson, type CommunityId, DomainError, parseCanonicalJson } from "@menshen/domain";
import {
  commitLeaf,
  encodeLeaf,
  hashLeaf,
  meetsQuorum,
  type NoteKey,
  openCheckpoint,
  parseVerifierKey,
  type Sha256,
  verifyInclusion,
} from "@menshen/evidence";
import type { TrailPeer } from "@menshen/wire";

/** The evidence log as this gate first saw it; only this one proves anything to it. */
export interface LogPolicy {
  /** C2SP verifier key. */
  readonly logKey: string;
  readonly witnesses: readonly string[];
  readonly quorum: number;
}

const TOPIC = "gate-certificate-issued";

/** Name of a community's evidence log. */
export function logOrigin(communityId: CommunityId): string {
  return `log.menshen.local/${communityId}`;
}

/**
 * Makes the check of whether the issue of a peer's certificate, for exactly its keys, stands in the log. A server that
 * invents a gate has to show it to everybody who watches the log. Checkpoints are verified once each.
 */
export function makePeerProof(communityId: CommunityId, policy: LogPolicy): (peer: TrailPeer) => boolean {
  const keys = readPolicy(policy);
  const roots = new Map<string, { readonly size: number; readonly root: Uint8Array } | undefined>();

  function rootOf(checkpoint: string) {
    if (!roots.has(checkpoint)) roots.set(checkpoint, keys && verifiedRoot(communityId, keys, checkpoint));
    return roots.get(checkpoint);
  }

  return (peer) => {
    const { evidence } = peer;
    if (evidence === undefined || !namesPeer(evidence.statement, peer)) return false;
    const head = rootOf(evidence.checkpoint);
    if (head === undefined || head.size !== evidence.treeSize) return false;
    const statement = new TextEncoder().encode(evidence.statement);
    const leaf = encodeLeaf(commitLeaf(primitives, evidence.salt, TOPIC, statement));
    return verifyInclusion(sha256, {
      index: evidence.leafIndex,
      size: head.size,
      root: head.root,
      leafHash: hashLeaf(sha256 satisfies Sha256, leaf),
      proof: evidence.proof,
    });
  };
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

function verifiedRoot(communityId: CommunityId, { log, witnesses, quorum }: PolicyKeys, checkpoint: string) {
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
  if (!opened.opened) return undefined;
  // Each witness is a body of its own here: whoever chose the policy counted bodies.
  const known = { witnesses: witnesses.map((key) => ({ body: key.keyId, key })), quorum };
  return meetsQuorum(known, opened.cosignatures) ? opened.signed.checkpoint : undefined;
}

function namesPeer(statement: string, { gateId, deviceKey, sealingKey }: TrailPeer): boolean {
  let value: CanonicalJson;
  try {
    value = parseCanonicalJson(statement);
  } catch (fault) {
    if (fault instanceof DomainError) return false;
    throw fault;
  }
  if (typeof value !== "object" || !("topic" in value)) return false;
  return (
    value.topic === TOPIC &&
    value.gateId === gateId &&
    value.deviceKey === base64url(deviceKey) &&
    value.sealingKey === base64url(sealingKey)
  );
}

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");
