import { equalBytes } from "@menshen/crypto";
import { HASH_BYTES } from "../checks.ts";
import { parseLeaf } from "../leaf-commitment.ts";
import { hashLeaf } from "../merkle/hashing.ts";
import type { NoteVerification } from "../note/note-key.ts";
import { parseEntryBundle } from "../tiles/entry-bundle.ts";
import { proveHistory } from "../tiles/prove.ts";
import type { TileRefusal, TileSource, TreeHead } from "../tiles/read-tiles.ts";
import { readTiles } from "../tiles/read-tiles.ts";
import type { Tile } from "../tiles/tile.ts";
import { edgeTiles, parseTilePath, TILE_WIDTH, tileInTree, tilePath } from "../tiles/tile.ts";
import type { TileContent, TreeEdge } from "../tiles/tree-edge.ts";
import { appendLeaves, EMPTY_EDGE, rootOfEdge } from "../tiles/tree-edge.ts";
import type { FollowedLog, FollowStep } from "./follow-log.ts";
import { followLog, followNew } from "./follow-log.ts";
import type { CheckpointRefusal, LogIdentity, SignedCheckpoint } from "./open-checkpoint.ts";
import { openCheckpoint } from "./open-checkpoint.ts";
import type { LogReader } from "./read-over-http.ts";
import type { WitnessPolicy } from "./witness-policy.ts";
import { bodiesOf, meetsQuorum } from "./witness-policy.ts";

/** What an auditor remembers; plain data, see `formatAuditState`. */
export interface AuditState {
  readonly followed: FollowedLog;
  /** The tree of all entries that were verified one by one; never larger than the head. */
  readonly edge: TreeEdge;
}

/**
 * What is wrong with a log.
 *
 * - `checkpoint-refused`: it shows something that is not its own signed checkpoint;
 * - `too-few-witnesses`: not enough bodies cosigned;
 * - `forked`: it signed two histories; the state holds what proves it to anybody;
 * - `rolled-back`: it shows less than it did before;
 * - `proof-refused`: its tiles do not lead from the checkpoint seen before to the one shown now;
 * - `tile-refused`: a tile or bundle is missing, has another length, or does not belong to the signed tree.
 */
export type AuditFinding =
  | { readonly finding: "checkpoint-refused"; readonly refusal: CheckpointRefusal }
  | { readonly finding: "too-few-witnesses"; readonly bodies: readonly string[]; readonly quorum: number }
  | { readonly finding: "forked" }
  | { readonly finding: "rolled-back"; readonly seenSize: number; readonly shownSize: number }
  | { readonly finding: "proof-refused"; readonly seenSize: number; readonly shownSize: number }
  | { readonly finding: "tile-refused"; readonly refusal: TileRefusal; readonly path: string };

/** The state to store before anything is done with the answer, and what was found. No findings: all is well. */
export interface Audited {
  readonly state: AuditState;
  readonly findings: readonly AuditFinding[];
  /** What the log showed, if it was a checkpoint of its own. */
  readonly shown: SignedCheckpoint | undefined;
  /** Bodies whose witnesses cosigned it. */
  readonly bodies: readonly string[];
  /** Entries verified in this audit. */
  readonly verified: number;
  /** Of these, how many of each topic; entries of a form unknown here count as `unknown`. */
  readonly topics: ReadonlyMap<string, number>;
}

/**
 * Told of each entry that is verified for the first time. It is called before the signed root was reached: what it saw
 * counts only where the audit's `verified` is above 0.
 */
export type EntryListener = (index: number, entry: Uint8Array) => void;

/** Bundles asked for at once. */
const WINDOW = 8;

/** An auditor that has seen nothing yet. */
export function auditNew(origin: string): AuditState {
  return { followed: followNew(origin), edge: EMPTY_EDGE };
}

/**
 * Follows a log one step: its checkpoint, the proof from the one seen before, and each entry not verified yet, from
 * which every tile is computed again and compared with what the log serves.
 *
 * Faults of the reader pass through; then nothing was learned and the old state stays.
 *
 * @param onProgress called with the count of verified entries after each group of bundles
 * @throws {EvidenceError} as `openCheckpoint`, for keys that cannot be used; `wrong-log` for a state of another log
 */
export async function auditLog(
  crypto: NoteVerification,
  reader: LogReader,
  log: Omit<LogIdentity, "witnessKeys">,
  policy: WitnessPolicy,
  state: AuditState,
  onProgress: (verified: number) => void = () => {},
  onEntry: EntryListener = () => {},
): Promise<Audited> {
  const identity = { ...log, witnessKeys: policy.witnesses.map(({ key }) => key) };
  const nothing = { shown: undefined, bodies: [], verified: 0, topics: new Map<string, number>() };
  const opened = openCheckpoint(crypto, await reader.checkpoint(), identity);
  if (!opened.opened) {
    const { refusal } = opened;
    return { ...nothing, state, findings: [{ finding: "checkpoint-refused", refusal }] };
  }
  const shown = opened.signed;
  const bodies = bodiesOf(policy, opened.cosignatures);
  const findings: AuditFinding[] = [];
  if (!meetsQuorum(policy, opened.cosignatures)) {
    findings.push({ finding: "too-few-witnesses", bodies, quorum: policy.quorum });
  }
  const step = await follow(crypto, reader.tile, state.followed, shown);
  const followed = step.log;
  findings.push(...findingsOf(step, state.followed, shown));
  const head = followed.state === "following" ? followed.head.checkpoint : undefined;
  if (head === undefined || head.size <= state.edge.size) {
    return { ...nothing, state: { followed, edge: state.edge }, findings, shown, bodies };
  }
  const walk = await walkEntries(crypto, reader.tile, head, state.edge, onProgress, onEntry);
  if (walk.refused !== undefined) findings.push(walk.refused);
  const { edge, verified, topics } = walk;
  return { state: { followed, edge }, findings, shown, bodies, verified, topics };
}

/** As `followLog`, with the proof made from the log's own tiles. */
async function follow(
  crypto: NoteVerification,
  source: TileSource,
  followed: FollowedLog,
  shown: SignedCheckpoint,
): Promise<FollowStep & { readonly refused?: AuditFinding }> {
  const step = followLog(crypto.sha256, followed, shown);
  if (step.verdict !== "proof-needed" || followed.state !== "following") return step;
  const larger = step.largerSize === shown.checkpoint.size ? shown : followed.head;
  const made = await proveHistory(crypto.sha256, source, larger.checkpoint, step.smallerSize);
  if (made.read) return followLog(crypto.sha256, followed, shown, made.proof);
  const { refusal, path } = made;
  return { log: followed, verdict: "proof-refused", refused: { finding: "tile-refused", refusal, path } };
}

function findingsOf(
  step: FollowStep & { readonly refused?: AuditFinding },
  before: FollowedLog,
  shown: SignedCheckpoint,
): AuditFinding[] {
  const seenSize = before.state === "following" ? before.head.checkpoint.size : 0;
  const shownSize = shown.checkpoint.size;
  // Whether the smaller tree is a true beginning or not: showing it is going back.
  if (step.verdict === "rolled-back" || (step.verdict === "proof-refused" && shownSize < seenSize)) {
    return [{ finding: "rolled-back", seenSize, shownSize }];
  }
  if (step.verdict === "forked") return [{ finding: "forked" }];
  if (step.verdict !== "proof-refused") return [];
  const refused = step.refused === undefined ? [] : [step.refused];
  return [{ finding: "proof-refused", seenSize, shownSize }, ...refused];
}

interface Walk {
  readonly edge: TreeEdge;
  readonly verified: number;
  readonly topics: ReadonlyMap<string, number>;
  readonly refused?: AuditFinding;
}

/** A tile that is not as the entries make it; `checkpoint` in its place where no tile is at fault. */
interface Wrong {
  readonly tile: Tile | "checkpoint";
  readonly refusal: TileRefusal;
}

/**
 * Verifies the entries between the edge and the head, bundle by bundle, and the tiles they make on every level.
 * INVARIANT: the edge moves on only when everything up to the signed root was right.
 */
async function walkEntries(
  crypto: NoteVerification,
  source: TileSource,
  head: TreeHead,
  from: TreeEdge,
  onProgress: (verified: number) => void,
  onEntry: EntryListener,
): Promise<Walk> {
  const topics = new Map<string, number>();
  const refused = ({ tile, refusal }: Wrong): Walk => {
    const path = tile === "checkpoint" ? tile : tilePath(tile);
    return {
      edge: from,
      verified: 0,
      topics: new Map(),
      refused: { finding: "tile-refused", refusal, path },
    };
  };
  let edge = from;
  let wrong: Wrong | undefined;
  const bundleCount = Math.ceil(head.size / TILE_WIDTH);
  for (let first = Math.floor(from.size / TILE_WIDTH); first < bundleCount; first += WINDOW) {
    const indices = Array.from(
      { length: Math.min(WINDOW, bundleCount - first) },
      (_, place) => first + place,
    );
    const bundles = await Promise.all(indices.map((index) => readBundle(source, head.size, index)));
    const filled: TileContent[] = [];
    for (const bundle of bundles) {
      if ("refusal" in bundle) return refused(bundle);
      const { tile, entries } = bundle;
      const hashes = entries.map((entry) => hashLeaf(crypto.sha256, entry));
      const knownCount = edge.size - tile.index * TILE_WIDTH;
      const known = edge.levels[0] ?? new Uint8Array();
      const sameAgain = hashes
        .slice(0, knownCount)
        .every((hash, place) =>
          equalBytes(hash, known.subarray(place * HASH_BYTES, (place + 1) * HASH_BYTES)),
        );
      if (!sameAgain) return refused({ tile, refusal: "wrong-hash" });
      const added = appendLeaves(crypto.sha256, edge, hashes.slice(knownCount));
      edge = added.edge;
      filled.push(...added.tiles.filter((one) => one.tile.width === TILE_WIDTH));
      for (const [place, entry] of entries.entries()) {
        if (place < knownCount) continue;
        count(topics, entry);
        onEntry(tile.index * TILE_WIDTH + place, entry);
      }
    }
    wrong ??= await firstWrong(source, filled);
    onProgress(edge.size - from.size);
  }
  const partial = edgeTiles(edge.size).map((tile) => {
    return { tile, bytes: edge.levels[Number(tile.level)] ?? new Uint8Array() };
  });
  wrong ??= await firstWrong(source, partial);
  if (!equalBytes(rootOfEdge(crypto.sha256, edge), head.root)) {
    // Where each tile is as the entries make it, the log signed another root than that of what it serves.
    const found = wrong ?? { tile: "checkpoint", refusal: "wrong-hash" };
    return refused(await atFault(crypto, source, head, found));
  }
  // The entries make the signed root, so whatever differs from what they make is itself at fault.
  return wrong === undefined ? { edge, verified: edge.size - from.size, topics } : refused(wrong);
}

async function readBundle(
  source: TileSource,
  size: number,
  index: number,
): Promise<{ readonly tile: Tile; readonly entries: readonly Uint8Array[] } | Wrong> {
  const tile = tileInTree("entries", index, size) ?? { level: "entries", index, width: TILE_WIDTH };
  const exact = await source(tile);
  const bytes = exact ?? (await fullInstead(source, tile));
  if (bytes === undefined) return { tile, refusal: "missing-tile" };
  const stored = parseEntryBundle(bytes);
  if (stored?.length !== (exact === undefined ? TILE_WIDTH : tile.width)) {
    return { tile, refusal: "wrong-length" };
  }
  return { tile, entries: stored.slice(0, tile.width) };
}

/** The first of the computed tiles that the log serves otherwise, or not at all. */
async function firstWrong(source: TileSource, tiles: readonly TileContent[]): Promise<Wrong | undefined> {
  const served = await Promise.all(
    tiles.map(async ({ tile }) => {
      const exact = await source(tile);
      return {
        found: exact ?? (await fullInstead(source, tile)),
        width: exact === undefined ? TILE_WIDTH : tile.width,
      };
    }),
  );
  for (const [place, { tile, bytes }] of tiles.entries()) {
    const { found, width } = served[place] ?? { found: undefined, width: 0 };
    if (found === undefined) return { tile, refusal: "missing-tile" };
    if (found.length !== width * HASH_BYTES) return { tile, refusal: "wrong-length" };
    if (!equalBytes(found.subarray(0, bytes.length), bytes)) return { tile, refusal: "wrong-hash" };
  }
  return undefined;
}

async function fullInstead(source: TileSource, tile: Tile): Promise<Uint8Array | undefined> {
  return tile.width === TILE_WIDTH ? undefined : await source({ ...tile, width: TILE_WIDTH });
}

/** Where entries and their tile of hashes differ, whichever of the two does not belong to the signed root. */
async function atFault(
  crypto: NoteVerification,
  source: TileSource,
  head: TreeHead,
  wrong: Wrong,
): Promise<Wrong> {
  const { tile, refusal } = wrong;
  if (refusal !== "wrong-hash" || tile === "checkpoint" || tile.level !== 0) return wrong;
  const bundle = tileInTree("entries", tile.index, head.size) ?? tile;
  const read = await readTiles(crypto.sha256, source, head, [{ level: 0, index: tile.index * TILE_WIDTH }]);
  if (read.read) return { tile: bundle, refusal };
  return { tile: parseTilePath(read.path) ?? tile, refusal: read.refusal };
}

function count(topics: Map<string, number>, entry: Uint8Array): void {
  const parsed = parseLeaf(entry);
  const topic = parsed.parsed ? parsed.leaf.topic : "unknown";
  topics.set(topic, (topics.get(topic) ?? 0) + 1);
}
