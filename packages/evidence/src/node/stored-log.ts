import { sha256 } from "@menshen/crypto/node";
import { HASH_BYTES } from "../checks.ts";
import { EvidenceError } from "../evidence-error.ts";
import { openCheckpoint, type SignedCheckpoint } from "../log/open-checkpoint.ts";
import { utf8 } from "../note/note-text.ts";
import { encodeEntryBundle, parseEntryBundle } from "../tiles/entry-bundle.ts";
import type { TileSource } from "../tiles/read-tiles.ts";
import { parseTilePath, TILE_WIDTH, tileInTree, tilePath } from "../tiles/tile.ts";
import type { TileContent, TreeEdge } from "../tiles/tree-edge.ts";
import { readEdge } from "../tiles/tree-edge.ts";
import type { LogKeys } from "./log-keys.ts";
import { bytesIn, type LogConnection, type LogRow, numberIn, textIn } from "./log-pool.ts";

/** A checkpoint as it is stored. */
export interface StoredCheckpoint {
  readonly signed: SignedCheckpoint;
  /** With the cosignatures of enough witnesses, if it has them. */
  readonly published: Uint8Array | undefined;
}

/** Tiles in the database. */
export function tilesIn(connection: LogConnection): TileSource {
  return (tile) => readStoredTile(connection, tilePath(tile));
}

/** One tile or bundle by its path. */
export async function readStoredTile(
  connection: LogConnection,
  path: string,
): Promise<Uint8Array | undefined> {
  const { rows } = await connection.query("select bytes from evidence_tile where path = $1", [path]);
  const [row] = rows;
  return row === undefined ? undefined : bytesIn(row, "bytes");
}

/** Newest checkpoint that the log signed. Its signature is checked: a database that belongs to another key is noticed. */
export async function newestCheckpoint(
  connection: LogConnection,
  keys: LogKeys,
): Promise<StoredCheckpoint | undefined> {
  const { rows } = await connection.query(
    "select size, root, signed, published from evidence_checkpoint order by size desc limit 1",
  );
  return rows[0] === undefined ? undefined : checkpointOf(rows[0], keys);
}

/** Newest checkpoint that enough witnesses cosigned. */
export async function newestPublished(
  connection: LogConnection,
  keys: LogKeys,
): Promise<StoredCheckpoint | undefined> {
  const { rows } = await connection.query(
    `select size, root, signed, published from evidence_checkpoint where published is not null
      order by size desc limit 1`,
  );
  return rows[0] === undefined ? undefined : checkpointOf(rows[0], keys);
}

/** Root that was signed for a size; `undefined` if none was. */
export async function rootSignedFor(
  connection: LogConnection,
  size: number,
): Promise<Uint8Array | undefined> {
  const { rows } = await connection.query("select root from evidence_checkpoint where size = $1", [size]);
  return rows[0] === undefined ? undefined : bytesIn(rows[0], "root");
}

/**
 * The right edge of the stored tree, from tiles that add up to the checkpoint's root.
 *
 * @throws {EvidenceError} `log-damaged`
 */
export async function storedEdge(connection: LogConnection, { signed }: StoredCheckpoint): Promise<TreeEdge> {
  const read = await readEdge(sha256, tilesIn(connection), signed.checkpoint);
  if (!read.read) throw damaged(`${read.path} is refused: ${read.refusal}`);
  return read.edge;
}

/**
 * Bundles to store when entries are appended to a log of `size` entries: those filled and the partial one.
 *
 * @throws {EvidenceError} `log-damaged` when the partial bundle is not there
 */
export async function appendedBundles(
  connection: LogConnection,
  size: number,
  entries: readonly Uint8Array[],
): Promise<TileContent[]> {
  const started = size % TILE_WIDTH;
  let index = Math.floor(size / TILE_WIDTH);
  const pieces = [...entries];
  if (started > 0) {
    const path = tilePath({ level: "entries", index, width: started });
    const earlier = parseEntryBundle((await readStoredTile(connection, path)) ?? new Uint8Array());
    if (earlier?.length !== started) throw damaged(`${path} is not whole`);
    pieces.unshift(...earlier);
  }
  const bundles: TileContent[] = [];
  for (let first = 0; first < pieces.length; first += TILE_WIDTH, index += 1) {
    const bundle = pieces.slice(first, first + TILE_WIDTH);
    bundles.push({
      tile: { level: "entries", index, width: bundle.length },
      bytes: encodeEntryBundle(bundle),
    });
  }
  return bundles;
}

/** Stores tiles. A tile that is there already is a fault of the database: nothing is ever written twice. */
export async function insertTiles(connection: LogConnection, tiles: readonly TileContent[]): Promise<void> {
  const paths = tiles.map(({ tile }) => tilePath(tile));
  const bytes = tiles.map((tile) => Buffer.from(tile.bytes));
  await connection.query(
    "insert into evidence_tile (path, bytes) select * from unnest($1::text[], $2::bytea[])",
    [paths, bytes],
  );
  // C2SP tlog-tiles, "Partial Tiles": they may go once the full tile is there, which readers cut to their width.
  const full = tiles.filter(({ tile }) => tile.width === TILE_WIDTH).map(({ tile }) => tilePath(tile));
  if (full.length === 0) return;
  await connection.query(
    `delete from evidence_tile using unnest($1::text[]) as filled(path)
      where evidence_tile.path >= filled.path || '.p/' and evidence_tile.path < filled.path || '.p0'`,
    [full],
  );
}

/**
 * A tile by its C2SP path, as it is in a tree of that size: nothing newer than what is published shows. A partial one
 * that is gone is cut from the full one.
 */
export async function readTileOf(
  connection: LogConnection,
  size: number,
  path: string,
): Promise<Uint8Array | undefined> {
  const tile = parseTilePath(path);
  if (tile === undefined) return undefined;
  const inTree = tileInTree(tile.level, tile.index, size);
  if (inTree === undefined || inTree.width < tile.width) return undefined;
  const exact = await readStoredTile(connection, path);
  if (exact !== undefined || tile.width === TILE_WIDTH) return exact;
  const full = await readStoredTile(connection, tilePath({ ...tile, width: TILE_WIDTH }));
  if (full === undefined) return undefined;
  if (tile.level !== "entries") return full.slice(0, tile.width * HASH_BYTES);
  return encodeEntryBundle((parseEntryBundle(full) ?? []).slice(0, tile.width));
}

function checkpointOf(row: LogRow, keys: LogKeys): StoredCheckpoint {
  const opened = openCheckpoint(keys.crypto, utf8(textIn(row, "signed")), {
    origin: keys.origin,
    logKeys: [keys.key],
    witnessKeys: [],
  });
  if (!opened.opened) throw damaged(`the stored checkpoint is refused: ${opened.refusal}`);
  const { checkpoint } = opened.signed;
  const root = bytesIn(row, "root");
  if (checkpoint.size !== numberIn(row, "size") || checkpoint.root.join() !== root.join()) {
    throw damaged("the stored checkpoint says another size or root than its row");
  }
  const published = row.published === null ? undefined : utf8(textIn(row, "published"));
  return { signed: opened.signed, published };
}

function damaged(what: string): EvidenceError {
  return new EvidenceError("log-damaged", `expected a stored log that fits together: ${what}`);
}
