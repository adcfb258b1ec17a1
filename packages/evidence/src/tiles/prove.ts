import { consistencyProofOf, historyRanges } from "../merkle/consistency.ts";
import type { Sha256 } from "../merkle/hashing.ts";
import { foldSubtrees } from "../merkle/hashing.ts";
import { inclusionRanges } from "../merkle/inclusion.ts";
import { inclusionOfManyRanges } from "../merkle/inclusion-of-many.ts";
import type { LeafRange } from "../merkle/ranges.ts";
import { completeNodes } from "../merkle/ranges.ts";
import type { TileSource, TilesRefused, TreeHead } from "./read-tiles.ts";
import { hashOfNode, readTiles } from "./read-tiles.ts";

/** Hashes of 32 bytes, made from tiles that add up to the signed root. */
export interface Proved {
  readonly read: true;
  readonly proof: readonly Uint8Array[];
}

/**
 * Makes the inclusion proof of a leaf (RFC 6962 §2.1.1) from tiles, each checked against the head.
 *
 * @throws {EvidenceError} `outside-tree` for a leaf that the tree does not have
 */
export function proveInclusion(
  sha256: Sha256,
  source: TileSource,
  head: TreeHead,
  index: number,
): Promise<Proved | TilesRefused> {
  return hashesOf(sha256, source, head, inclusionRanges(index, head.size));
}

/**
 * Makes the common proof of several leaves, which `verifyInclusionOfMany` takes, from tiles, each checked.
 *
 * @param indices at least one, rising
 * @throws {EvidenceError} `outside-tree` for indices that do not rise, or leaves that the tree does not have
 */
export async function proveInclusionOfMany(
  sha256: Sha256,
  source: TileSource,
  head: TreeHead,
  indices: readonly number[],
): Promise<Proved | TilesRefused> {
  return hashesOf(sha256, source, head, inclusionOfManyRanges(indices, head.size));
}

/**
 * Makes the consistency proof from an older size to the head (RFC 6962 §2.1.2) from tiles, each checked.
 * It is empty from size 0 and from the head's own size.
 *
 * @throws {EvidenceError} `outside-tree` for a size above the head's
 */
export async function proveConsistency(
  sha256: Sha256,
  source: TileSource,
  head: TreeHead,
  oldSize: number,
): Promise<Proved | TilesRefused> {
  if (oldSize === 0 || oldSize === head.size) return hashesOf(sha256, source, head, []);
  const history = await proveHistory(sha256, source, head, oldSize);
  return history.read ? { read: true, proof: consistencyProofOf(oldSize, history.proof) } : history;
}

/**
 * Makes the history proof from an older size to the head, which `followLog` takes; see `rootsOfHistory`.
 *
 * @throws {EvidenceError} `outside-tree` unless 0 < oldSize < the head's size
 */
export async function proveHistory(
  sha256: Sha256,
  source: TileSource,
  head: TreeHead,
  oldSize: number,
): Promise<Proved | TilesRefused> {
  return hashesOf(sha256, source, head, historyRanges(oldSize, head.size));
}

async function hashesOf(
  sha256: Sha256,
  source: TileSource,
  head: TreeHead,
  ranges: readonly LeafRange[],
): Promise<Proved | TilesRefused> {
  const nodesOfRanges = ranges.map(completeNodes);
  const result = await readTiles(sha256, source, head, nodesOfRanges.flat());
  if (!result.read) return result;
  const hash = (nodes: ReturnType<typeof completeNodes>) =>
    foldSubtrees(
      sha256,
      nodes.map((node) => hashOfNode(sha256, result.tiles, head.size, node)),
    );
  return { read: true, proof: nodesOfRanges.map(hash) };
}
