import { readFileSync } from "node:fs";
import * as crypto from "@menshen/crypto/node";
import type { SignedCheckpoint, TileSource, TreeEdge, TreeHead } from "./index.ts";
import {
  appendLeaves,
  EMPTY_EDGE,
  formatCheckpoint,
  formatNote,
  noteKey,
  openCheckpoint,
  rootOfEdge,
  signNote,
  tilePath,
} from "./index.ts";
import { naiveLeaves } from "./naive-tree.fixture.ts";

export interface InclusionCase {
  leafIdx: number;
  treeSize: number;
  root: string;
  leafHash: string;
  proof: string[] | null;
  desc: string;
  src: string;
  valid: boolean;
}

export interface ConsistencyCase {
  size1: number;
  size2: number;
  root1: string;
  root2: string;
  proof: string[] | null;
  desc: string;
  src: string;
  valid: boolean;
}

export interface MerkleVectors {
  rfc6962: {
    leaf_inputs_hex: string[];
    root_by_size_hex: string[];
    leaf_hashes_hex: string[];
    inclusion_all_1_to_8: { index: number; size: number; proof: string[] }[];
    consistency_all_1_to_8: { size1: number; size2: number; proof: string[] }[];
  };
  external_inclusion: InclusionCase[];
  external_consistency: ConsistencyCase[];
  tiles_70000: {
    root_by_size_hex: Record<string, string>;
    tile_files: { path: string; width: number; sha256: string }[];
    levels: { summary: string; full: number; partialWidth: number }[];
    entry_bundles: { path: string; sha256: string; bytes: number }[];
    path_encoding: { n: number; path: string }[];
  };
  signed_note: { vkey: string; note: string; tampered_note: string };
  real_checkpoints: { vkey: string; note: string }[];
  checkpoint_cosigned: {
    log_seed_hex: string;
    witness_seed_hex: string;
    log_vkey: string;
    witness_vkey: string;
    cosigned_message: string;
    checkpoint: string;
  };
}

/** The published vectors. */
export const vectors: MerkleVectors = JSON.parse(
  readFileSync(new URL("../vectors/merkle.json", import.meta.url), "utf8"),
);

export { crypto };

export const { sha256 } = crypto;

export const base64 = (text: string) => new Uint8Array(Buffer.from(text, "base64"));
export const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("utf8");
export const bytes = (content: string) => new Uint8Array(Buffer.from(content, "utf8"));

/** A log kept in memory: its tiles by path, its edge and head. */
export interface StoredLog {
  readonly tiles: Map<string, Uint8Array>;
  readonly source: TileSource;
  edge: TreeEdge;
  head: TreeHead;
  readonly append: (leafHashes: readonly Uint8Array[]) => void;
}

/** A log with the entries `0` to before `count`, appended in the given steps. */
export function storedLog(count: number, stepSize = 100_000): StoredLog {
  const tiles = new Map<string, Uint8Array>();
  const log: StoredLog = {
    tiles,
    source: async (tile) => tiles.get(tilePath(tile)),
    edge: EMPTY_EDGE,
    head: { size: 0, root: rootOfEdge(sha256, EMPTY_EDGE) },
    append: (leafHashes) => {
      const added = appendLeaves(sha256, log.edge, leafHashes);
      for (const { tile, bytes: content } of added.tiles) tiles.set(tilePath(tile), content);
      log.edge = added.edge;
      log.head = { size: added.edge.size, root: rootOfEdge(sha256, added.edge) };
    },
  };
  const leaves = naiveLeaves(count);
  for (let start = 0; start < count; start += stepSize) log.append(leaves.slice(start, start + stepSize));
  return log;
}

const seed = crypto.fromHex("07".repeat(32));
const { publicKey } = crypto.ed25519FromSecret(seed);

/** The log that tests follow. */
export const identity = {
  origin: "gate.example/evidence",
  logKeys: [noteKey(sha256, { name: "gate.example/evidence", type: "ed25519", publicKey })],
  witnessKeys: [],
};

/** A checkpoint that the test log signed. */
export function signedCheckpoint({ size, root }: TreeHead): SignedCheckpoint {
  const content = formatCheckpoint({ origin: identity.origin, size, root, extensions: [] });
  const [key] = identity.logKeys;
  if (key === undefined) throw new Error("the test log has no key");
  const note = formatNote({ text: content, signatures: [signNote(crypto, key, seed, content)] });
  const opened = openCheckpoint(crypto, note, identity);
  if (!opened.opened) throw new Error(`the test checkpoint is refused: ${opened.refusal}`);
  return opened.signed;
}
