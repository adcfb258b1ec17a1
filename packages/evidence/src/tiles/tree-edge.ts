import { concatBytes } from "@menshen/crypto";
import { HASH_BYTES, requireLength } from "../checks.ts";
import type { Sha256 } from "../merkle/hashing.ts";
import { foldSubtrees } from "../merkle/hashing.ts";
import { completeNodes } from "../merkle/ranges.ts";
import type { TileSource, TilesRefused, TreeHead } from "./read-tiles.ts";
import { readTiles } from "./read-tiles.ts";
import type { Tile } from "./tile.ts";
import { edgeTiles, hashInTile, placeOf, TILE_WIDTH, tilePath } from "./tile.ts";

/**
 * The right edge of a tree: all that appending and the root need. A few kilobytes at any size.
 * `levels[l]` holds the bytes of the partial tile of level `l`, empty where there is none.
 */
export interface TreeEdge {
  readonly size: number;
  readonly levels: readonly Uint8Array[];
}

/** A tile to be stored. */
export interface TileContent {
  readonly tile: Tile;
  readonly bytes: Uint8Array;
}

/** The edge of the tree without leaves. */
export const EMPTY_EDGE: TreeEdge = { size: 0, levels: [] };

/**
 * Appends leaves.
 *
 * @param leafHashes `hashLeaf` of each entry, in order
 * @returns the new edge, and the tiles to store before a checkpoint of its size may be signed: those filled, and
 *   the partial ones that changed
 * @throws {EvidenceError} `bad-length` for a hash that is not 32 bytes
 */
export function appendLeaves(
  sha256: Sha256,
  edge: TreeEdge,
  leafHashes: readonly Uint8Array[],
): { edge: TreeEdge; tiles: TileContent[] } {
  const tiles: TileContent[] = [];
  const levels = [...edge.levels];
  const size = edge.size + leafHashes.length;
  for (const hash of leafHashes) requireLength("a leaf hash", hash, HASH_BYTES);
  let added: readonly Uint8Array[] = leafHashes;
  let firstAdded = edge.size;
  for (let level = 0; added.length > 0; level += 1) {
    const bytes = concatBytes(levels[level] ?? new Uint8Array(), ...added);
    const firstTile = Math.floor(firstAdded / TILE_WIDTH);
    const fullBytes = TILE_WIDTH * HASH_BYTES;
    const fullCount = Math.floor(bytes.length / fullBytes);
    const parents: Uint8Array[] = [];
    for (let full = 0; full < fullCount; full += 1) {
      const content = bytes.slice(full * fullBytes, (full + 1) * fullBytes);
      tiles.push({ tile: { level, index: firstTile + full, width: TILE_WIDTH }, bytes: content });
      parents.push(hashInTile(sha256, content, 0, TILE_WIDTH));
    }
    const rest = bytes.slice(fullCount * fullBytes);
    levels[level] = rest;
    if (rest.length > 0) {
      const tile = { level, index: firstTile + fullCount, width: rest.length / HASH_BYTES };
      tiles.push({ tile, bytes: rest });
    }
    added = parents;
    firstAdded = firstTile;
  }
  return { edge: { size, levels }, tiles };
}

/** Root of the tree with this edge, 32 bytes. */
export function rootOfEdge(sha256: Sha256, edge: TreeEdge): Uint8Array {
  const nodes = completeNodes({ start: 0, end: edge.size });
  const hashes = nodes.map((node) => {
    const { level, firstHash, hashCount } = placeOf(node);
    return hashInTile(sha256, edge.levels[level] ?? new Uint8Array(), firstHash, hashCount);
  });
  return foldSubtrees(sha256, hashes);
}

/** An edge read back from tiles that add up to the signed root. */
export interface EdgeRead {
  readonly read: true;
  readonly edge: TreeEdge;
}

/** Reads the edge of a signed tree, to go on appending after a start. */
export async function readEdge(
  sha256: Sha256,
  source: TileSource,
  head: TreeHead,
): Promise<EdgeRead | TilesRefused> {
  const result = await readTiles(sha256, source, head, []);
  if (!result.read) return result;
  const levels: Uint8Array[] = [];
  for (const tile of edgeTiles(head.size)) {
    while (levels.length < Number(tile.level)) levels.push(new Uint8Array());
    levels.push(result.tiles.get(tilePath(tile)) ?? new Uint8Array());
  }
  return { read: true, edge: { size: head.size, levels } };
}
