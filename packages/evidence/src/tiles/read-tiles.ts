import { equalBytes } from "@menshen/crypto";
import { HASH_BYTES, requireLength, requireSize } from "../checks.ts";
import { EvidenceError } from "../evidence-error.ts";
import type { Sha256 } from "../merkle/hashing.ts";
import { foldSubtrees, hashLeaf } from "../merkle/hashing.ts";
import type { TreeNode } from "../merkle/ranges.ts";
import { completeNodes } from "../merkle/ranges.ts";
import { parseEntryBundle } from "./entry-bundle.ts";
import type { Tile } from "./tile.ts";
import { edgeTiles, hashInTile, placeOf, TILE_WIDTH, tileInTree, tilePath } from "./tile.ts";

/** Where tiles come from: a server, a database, a file. `undefined` when it has no such tile; faults are thrown. */
export type TileSource = (tile: Tile) => Promise<Uint8Array | undefined>;

/** What a verified checkpoint says of the tree; everything read is checked against it. */
export interface TreeHead {
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
}

/** Why tiles cannot be used: absent, of another length than their width demands, or not those of the signed tree. */
export type TileRefusal = "missing-tile" | "wrong-length" | "wrong-hash";

/** The tiles cannot be used; `path` names the first that is at fault, or one of the right edge when the root differs. */
export interface TilesRefused {
  readonly read: false;
  readonly refusal: TileRefusal;
  readonly path: string;
}

/** Tiles that add up to the signed root, by path. */
export interface TilesRead {
  readonly read: true;
  readonly tiles: ReadonlyMap<string, Uint8Array>;
}

/**
 * Reads the tiles that hold `nodes`, and with them what links those to the root: a flipped bit anywhere is noticed.
 *
 * A source that has only the full tile where a partial one is asked for serves as well (C2SP tlog-tiles, "Partial
 * Tiles": the partial one may be deleted then).
 *
 * @throws {EvidenceError} `outside-tree` for a node that the tree does not have; `bad-length` for a root that is none
 */
export async function readTiles(
  sha256: Sha256,
  source: TileSource,
  head: TreeHead,
  nodes: readonly TreeNode[],
): Promise<TilesRead | TilesRefused> {
  requireSize(head.size);
  requireLength("a root", head.root, HASH_BYTES);
  const linked = tilesToRoot(head.size, nodes);
  const fetched = await Promise.all([...linked].map(([path, tile]) => fetchTile(source, path, tile)));
  const tiles = new Map<string, Uint8Array>();
  for (const tile of fetched) {
    if (!tile.read) return tile;
    tiles.set(tile.path, tile.bytes);
  }
  const rootNodes = completeNodes({ start: 0, end: head.size });
  const root = foldSubtrees(
    sha256,
    rootNodes.map((node) => hashOfNode(sha256, tiles, head.size, node)),
  );
  if (!equalBytes(root, head.root)) return refuse("wrong-hash", edgePath(head.size));
  // Parents stand before their children, so each tile is checked against one that was checked.
  for (const [path, tile] of linked) {
    if (tile.width < TILE_WIDTH) continue; // at the right edge: part of the root
    const parent = parentOf(tile, head.size);
    const expected = tiles.get(tilePath(parent)) ?? new Uint8Array();
    const place = (tile.index % TILE_WIDTH) * HASH_BYTES;
    const hash = hashInTile(sha256, tiles.get(path) ?? new Uint8Array(), 0, TILE_WIDTH);
    if (!equalBytes(hash, expected.subarray(place, place + HASH_BYTES))) return refuse("wrong-hash", path);
  }
  return { read: true, tiles };
}

/**
 * Hash of a node from tiles that {@link readTiles} gave for it.
 *
 * @throws {EvidenceError} `outside-tree` when they do not hold it
 */
export function hashOfNode(
  sha256: Sha256,
  tiles: ReadonlyMap<string, Uint8Array>,
  size: number,
  node: TreeNode,
): Uint8Array {
  const { firstHash, hashCount } = placeOf(node);
  const bytes = tiles.get(tilePath(tileOfNode(node, size)));
  if (bytes === undefined) throw outsideTree(node, size);
  return hashInTile(sha256, bytes, firstHash, hashCount);
}

/** Entries of a bundle that belong to the signed tree. */
export interface EntriesRead {
  readonly read: true;
  /** In the order of the log; the first has index `256 · bundleIndex`. */
  readonly entries: readonly Uint8Array[];
}

/**
 * Reads a bundle of entries and checks each entry against the signed tree.
 *
 * @throws {EvidenceError} `outside-tree` for a bundle that the tree does not have
 */
export async function readEntries(
  sha256: Sha256,
  source: TileSource,
  head: TreeHead,
  bundleIndex: number,
): Promise<EntriesRead | TilesRefused> {
  const bundle = tileInTree("entries", bundleIndex, head.size);
  if (bundle === undefined) throw outsideTree({ level: 8, index: bundleIndex }, head.size);
  const leaves: Tile = { ...bundle, level: 0 };
  const first: TreeNode = { level: 0, index: bundleIndex * TILE_WIDTH };
  const hashes = await readTiles(sha256, source, head, [first]);
  if (!hashes.read) return hashes;
  const path = tilePath(bundle);
  const exact = await source(bundle);
  const bytes = exact ?? (await fullInstead(source, bundle));
  if (bytes === undefined) return refuse("missing-tile", path);
  const stored = parseEntryBundle(bytes);
  const storedWidth = exact === undefined ? TILE_WIDTH : bundle.width;
  if (stored?.length !== storedWidth) return refuse("wrong-length", path);
  const entries = stored.slice(0, bundle.width);
  const leafHashes = hashes.tiles.get(tilePath(leaves)) ?? new Uint8Array();
  const matches = entries.every((entry, place) =>
    equalBytes(hashLeaf(sha256, entry), hashInTile(sha256, leafHashes, place, 1)),
  );
  return matches ? { read: true, entries } : refuse("wrong-hash", path);
}

/** The right edge, which adds up to the root, and the chains of full tiles from each node up to it; parents first. */
function tilesToRoot(size: number, nodes: readonly TreeNode[]): Map<string, Tile> {
  const tiles = new Map(edgeTiles(size).map((tile) => [tilePath(tile), tile]));
  for (const node of nodes) {
    const chain: [string, Tile][] = [];
    let tile = tileOfNode(node, size);
    let path = tilePath(tile);
    while (!tiles.has(path)) {
      chain.push([path, tile]);
      tile = parentOf(tile, size);
      path = tilePath(tile);
    }
    for (const [linkPath, link] of chain.reverse()) tiles.set(linkPath, link);
  }
  return tiles;
}

function tileOfNode(node: TreeNode, size: number): Tile {
  const { level, index, firstHash, hashCount } = placeOf(node);
  const tile = tileInTree(level, index, size);
  if (tile === undefined || firstHash + hashCount > tile.width) {
    throw outsideTree(node, size);
  }
  return tile;
}

/** INVARIANT: a full tile's hash stands in the tile above, at the tile's own index. */
function parentOf(tile: Tile, size: number): Tile {
  const level = tile.level === "entries" ? 0 : tile.level + 1;
  const index = Math.floor(tile.index / TILE_WIDTH);
  const parent = tileInTree(level, index, size);
  if (parent === undefined) throw outsideTree({ level: level * 8, index: tile.index }, size);
  return parent;
}

async function fetchTile(
  source: TileSource,
  path: string,
  tile: Tile,
): Promise<{ read: true; path: string; bytes: Uint8Array } | TilesRefused> {
  const exact = await source(tile);
  const found = exact ?? (await fullInstead(source, tile));
  if (found === undefined) return refuse("missing-tile", path);
  const storedWidth = exact === undefined ? TILE_WIDTH : tile.width;
  if (found.length !== storedWidth * HASH_BYTES) return refuse("wrong-length", path);
  return { read: true, path, bytes: found.subarray(0, tile.width * HASH_BYTES) };
}

async function fullInstead(source: TileSource, tile: Tile): Promise<Uint8Array | undefined> {
  return tile.width === TILE_WIDTH ? undefined : source({ ...tile, width: TILE_WIDTH });
}

function edgePath(size: number): string {
  const top = edgeTiles(size).at(-1);
  return top === undefined ? "checkpoint" : tilePath(top);
}

function refuse(refusal: TileRefusal, path: string): TilesRefused {
  return { read: false, refusal, path };
}

function outsideTree(node: TreeNode, size: number): EvidenceError {
  return new EvidenceError(
    "outside-tree",
    `expected a node of a tree of ${size} leaves, got number ${node.index} of level ${node.level}`,
  );
}
