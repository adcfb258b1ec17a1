import { HASH_BYTES, isSize, requireSize } from "../checks.ts";
import { EvidenceError } from "../evidence-error.ts";
import type { Sha256 } from "../merkle/hashing.ts";
import { hashNode } from "../merkle/hashing.ts";
import type { TreeNode } from "../merkle/ranges.ts";

/** Hashes in a full tile (C2SP tlog-tiles, "Merkle Tree"), and entries in a full bundle. */
export const TILE_WIDTH = 256;

/** Levels of the binary tree that one level of tiles covers. */
const TILE_HEIGHT = 8;

/** A stored piece of the log: a tile of hashes, or a bundle of entries. */
export interface Tile {
  /** 0 to 63 for hashes: 0 holds leaf hashes, each further level the hashes of full tiles below it. */
  readonly level: number | "entries";
  /** Which tile of its level, from 0. */
  readonly index: number;
  /** Hashes or entries inside: 256 when full, 1 to 255 when partial. */
  readonly width: number;
}

/**
 * Path of a tile below the log's prefix, such as `tile/0/x001/x234/067.p/112` (C2SP tlog-tiles).
 *
 * @throws {EvidenceError} `outside-tree` when level, index or width are out of their ranges
 */
export function tilePath(tile: Tile): string {
  const { level, index, width } = tile;
  const levelFits = level === "entries" || (isSize(level) && level <= 63);
  if (!levelFits || !isSize(index) || !isSize(width) || width < 1 || width > TILE_WIDTH) {
    throw new EvidenceError("outside-tree", `expected a tile, got level ${level}, ${index}, width ${width}`);
  }
  const digits = String(index);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, "0");
  const groups = padded.match(/.{3}/g) ?? [];
  const path = groups.map((group, place) => (place < groups.length - 1 ? `x${group}` : group)).join("/");
  return `tile/${level}/${path}${width === TILE_WIDTH ? "" : `.p/${width}`}`;
}

/** The tile that a path names; `undefined` unless it is exactly the path that {@link tilePath} writes. */
export function parseTilePath(path: string): Tile | undefined {
  const parts = /^tile\/(entries|[0-9]{1,2})\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([0-9]{1,3}))?$/.exec(
    path,
  );
  if (parts === null) return undefined;
  const [, level = "", index = "", partial] = parts;
  const tile: Tile = {
    level: level === "entries" ? level : Number(level),
    index: Number(index.replaceAll(/[x/]/g, "")),
    width: partial === undefined ? TILE_WIDTH : Number(partial),
  };
  if (typeof tile.level === "number" && tile.level > 63) return undefined;
  if (!isSize(tile.index) || tile.width < 1 || tile.width > TILE_WIDTH) return undefined;
  return tilePath(tile) === path ? tile : undefined;
}

/**
 * The tile of a level and index in a tree of `size` leaves, with its width there; `undefined` where it is empty.
 *
 * @throws {EvidenceError} `outside-tree` for a size that is none
 */
export function tileInTree(level: number | "entries", index: number, size: number): Tile | undefined {
  requireSize(size);
  if (!isSize(index) || (level !== "entries" && !isSize(level))) return undefined;
  const hashCount = Math.floor(size / TILE_WIDTH ** (level === "entries" ? 0 : level));
  const width = Math.min(TILE_WIDTH, hashCount - index * TILE_WIDTH);
  return width > 0 ? { level, index, width } : undefined;
}

/** The partial tiles at the right edge of a tree, lowest level first: one per level that has any. */
export function edgeTiles(size: number): Tile[] {
  const tiles: Tile[] = [];
  for (let level = 0, hashCount = size; hashCount > 0; level += 1) {
    const width = hashCount % TILE_WIDTH;
    hashCount = Math.floor(hashCount / TILE_WIDTH);
    if (width > 0) tiles.push({ level, index: hashCount, width });
  }
  return tiles;
}

/** Where the hash of a complete subtree is found: the tile, and which of its hashes lie below that node. */
export interface TilePlace {
  readonly level: number;
  readonly index: number;
  readonly firstHash: number;
  readonly hashCount: number;
}

/** Which tile holds a node, or the hashes it is made of (C2SP tlog-tiles: a tile is a subtree of height 8). */
export function placeOf(node: TreeNode): TilePlace {
  const hashCount = 2 ** (node.level % TILE_HEIGHT);
  const firstHash = node.index * hashCount;
  return {
    level: Math.floor(node.level / TILE_HEIGHT),
    index: Math.floor(firstHash / TILE_WIDTH),
    firstHash: firstHash % TILE_WIDTH,
    hashCount,
  };
}

/** The hash over `hashCount` (a power of two) hashes of a tile's bytes from `firstHash` on. */
export function hashInTile(
  sha256: Sha256,
  tileBytes: Uint8Array,
  firstHash: number,
  hashCount: number,
): Uint8Array {
  if (hashCount === 1) return tileBytes.slice(firstHash * HASH_BYTES, (firstHash + 1) * HASH_BYTES);
  const half = hashCount / 2;
  return hashNode(
    sha256,
    hashInTile(sha256, tileBytes, firstHash, half),
    hashInTile(sha256, tileBytes, firstHash + half, half),
  );
}
