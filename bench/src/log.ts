import { randomUUID } from "node:crypto";
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as crypto from "@menshen/crypto/node";
import {
  appendLeaves,
  commitLeaf,
  cosignCheckpoint,
  EMPTY_EDGE,
  encodeLeaf,
  formatCheckpoint,
  formatLogProof,
  formatNote,
  hashLeaf,
  noteKey,
  proveInclusion,
  rootOfEdge,
  signNote,
  TILE_WIDTH,
  type TileSource,
  type TreeEdge,
  type TreeHead,
  tilePath,
  verifyInclusion,
  verifyLogProof,
} from "@menshen/evidence";
import { type EvidenceLog, openLog } from "@menshen/evidence/node";
import { startTestPostgres, type TestPostgres } from "@menshen/testkit/postgres";
import { median, type Result, rounded } from "./result.ts";

const { sha256 } = crypto;
const ORIGIN = "log.menshen.local/bench";
const ROUNDS = 3;
const LEAVES = 3_000;
/** Transactions of people who work at the same time; each records one leaf and waits until it is durable. */
const WRITERS = 8;
const TREE_LEAVES = 10_000_000;
const PROOFS = 300;
const FULL_TILE_BYTES = TILE_WIDTH * 32;

const seedOf = (byte: number) => new Uint8Array(32).fill(byte);
const keyOf = (name: string, type: "ed25519" | "ed25519-cosignature", seed: Uint8Array) =>
  noteKey(sha256, { name, type, publicKey: crypto.ed25519FromSecret(seed).publicKey });

/** Durable appends beside plain inserts of the same rows; proofs in a log of ten million leaves. */
export async function benchLog(): Promise<Result[]> {
  return [...(await benchAppend()), ...(await benchProofs())];
}

interface Row {
  readonly id: string;
  readonly entry: Buffer;
}

/** Real entries: 54 bytes with a topic of 20 characters. */
function makeRows(): Row[] {
  return Array.from({ length: LEAVES }, () => {
    const salt = crypto.randomBytes(32);
    const leaf = commitLeaf(crypto, salt, "personal-data-viewed", salt);
    return { id: randomUUID(), entry: Buffer.from(encodeLeaf(leaf)) };
  });
}

/** One row a transaction, from several connections. */
async function insertAll({ pool }: TestPostgres, table: string, rows: readonly Row[]): Promise<void> {
  let next = 0;
  const write = async () => {
    for (let row = rows[next++]; row !== undefined; row = rows[next++]) {
      await pool.query(`insert into ${table} (leaf_id, entry) values ($1, $2)`, [row.id, row.entry]);
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, write));
}

async function sequenceUntil(log: EvidenceLog, size: number): Promise<void> {
  for (;;) {
    const done = await log.sequence();
    if (done.outcome === "refused") throw new Error(done.alarm);
    if (done.head.size >= size) return;
  }
}

async function secondsOf(act: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await act();
  return (performance.now() - begin) / 1_000;
}

async function benchAppend(): Promise<Result[]> {
  const postgres = await startTestPostgres();
  try {
    const { pool } = postgres;
    await pool.query(
      "create table plain (position bigint generated always as identity primary key, leaf_id uuid unique, entry bytea)",
    );
    const log = openLog({
      pool,
      origin: ORIGIN,
      secretKey: seedOf(7),
      now: Date.now,
      witnesses: [],
      quorum: 0,
    });
    const rounds: { append: number; plain: number; sequence: number }[] = [];
    let size = 0;
    // The first round warms up and is not counted.
    for (let round = 0; round <= ROUNDS; round++) {
      const plainRows = makeRows();
      const plainS = await secondsOf(() => insertAll(postgres, "plain", plainRows));
      const rows = makeRows();
      size += LEAVES;
      const appendS = await secondsOf(() =>
        Promise.all([insertAll(postgres, "evidence_pending", rows), sequenceUntil(log, size)]),
      );
      await insertAll(postgres, "evidence_pending", makeRows());
      size += LEAVES;
      const sequenceS = await secondsOf(() => sequenceUntil(log, size));
      if (round > 0)
        rounds.push({ append: LEAVES / appendS, plain: LEAVES / plainS, sequence: LEAVES / sequenceS });
    }
    const middle = (part: (round: (typeof rounds)[number]) => number) => median(rounds.map(part));
    return [
      {
        id: "log.append_per_s",
        value: rounded(middle(({ append }) => append)),
        unit: "1/s",
        better: "higher",
        rivals: [
          {
            name: "PostgreSQL INSERT of the same rows",
            value: rounded(middle(({ plain }) => plain)),
            ratio: rounded(middle(({ append, plain }) => append / plain)),
          },
        ],
        note:
          `${WRITERS} writers, one leaf a transaction, each commit synced, until every leaf has its index, its tiles ` +
          "and a signed checkpoint; the sequencer takes what waits in one transaction",
      },
      {
        id: "log.sequence_per_s",
        value: rounded(middle(({ sequence }) => sequence)),
        unit: "1/s",
        better: "higher",
        note: "the sequencer alone, over a queue that waits",
      },
    ];
  } finally {
    await postgres.stop();
  }
}

/** A log of ten million leaves: level 0 in a file, what is above it in memory. */
function buildTree(
  file: number,
  proven: ReadonlySet<number>,
): { readonly head: TreeHead; readonly source: TileSource } {
  const above = new Map<string, Uint8Array>();
  let edge: TreeEdge = EMPTY_EDGE;
  const step = TILE_WIDTH * TILE_WIDTH;
  for (let first = 0; first < TREE_LEAVES; first += step) {
    const hashes = Array.from({ length: Math.min(step, TREE_LEAVES - first) }, (_, place) =>
      leafHash(first + place, proven.has(first + place)),
    );
    const added = appendLeaves(sha256, edge, hashes);
    edge = added.edge;
    for (const { tile, bytes } of added.tiles) {
      if (tile.level === 0) writeSync(file, bytes, 0, bytes.length, tile.index * FULL_TILE_BYTES);
      else above.set(tilePath(tile), bytes);
    }
  }
  const source: TileSource = async (tile) => {
    if (tile.level !== 0) return above.get(tilePath(tile));
    const bytes = new Uint8Array(tile.width * 32);
    const read = readSync(file, bytes, 0, bytes.length, tile.index * FULL_TILE_BYTES);
    return read === bytes.length ? bytes : undefined;
  };
  return { head: { size: edge.size, root: rootOfEdge(sha256, edge) }, source };
}

function entryOf(index: number): Uint8Array {
  const entry = new Uint8Array(54);
  new DataView(entry.buffer).setBigUint64(0, BigInt(index));
  return entry;
}

/** Of the leaves that are proven; the others have 32 bytes that no entry made, which costs the tree the same. */
const leafHash = (index: number, isProven: boolean): Uint8Array => {
  if (isProven) return hashLeaf(sha256, entryOf(index));
  const hash = new Uint8Array(32);
  new DataView(hash.buffer).setBigUint64(0, BigInt(index));
  return hash;
};

async function benchProofs(): Promise<Result[]> {
  const folder = mkdtempSync(join(tmpdir(), "menshen-bench-log-"));
  const file = openSync(join(folder, "tiles"), "w+");
  try {
    const indices = Array.from({ length: PROOFS }, () => Math.floor(Math.random() * TREE_LEAVES));
    const { head, source } = buildTree(file, new Set(indices));
    const checkpoint = cosigned(head);
    const proofs: (readonly Uint8Array[])[] = [];
    const proveUs = await cpuUsOfEach(indices, async (index) => {
      const made = await proveInclusion(sha256, source, head, index);
      if (!made.read) throw new Error(`${made.path}: ${made.refusal}`);
      proofs.push(made.proof);
    });
    // The first run, which also warmed up, gave as many proofs as the others.
    const proven = indices.map((index, place) => ({ index, hashes: proofs[place] ?? [] }));
    const texts = proven.map((one) => formatLogProof({ ...one, checkpoint, extra: entryOf(one.index) }));
    const verifyUs = await cpuUsOfEach(texts, (text) => {
      const verified = verifyLogProof(crypto, text, identity, policy);
      if (!verified.verified) throw new Error(verified.refusal);
    });
    const inclusionUs = await cpuUsOfEach(proven, ({ index, hashes }) => {
      const claim = { index, ...head, leafHash: leafHash(index, true), proof: hashes };
      if (!verifyInclusion(sha256, claim)) throw new Error("not included");
    });
    return [
      {
        id: "log.prove_10m_us",
        value: rounded(proveUs),
        unit: "µs",
        better: "lower",
        note:
          "processor time of an inclusion proof of any of 10,000,000 leaves from tiles in a file, every tile on the way " +
          "checked against the signed root",
      },
      {
        id: "log.verify_us",
        value: rounded(verifyUs),
        unit: "µs",
        better: "lower",
        note:
          "processor time for a tlog-proof as a reader gets it: the log's signature, two cosignatures, and inclusion " +
          `(${rounded(inclusionUs)} µs of it)`,
      },
    ];
  } finally {
    closeSync(file);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Processor time of a call in microseconds: the median of rounds over all inputs, after one that warms up. */
async function cpuUsOfEach<Input>(inputs: readonly Input[], act: (input: Input) => unknown): Promise<number> {
  const rounds: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const begin = process.cpuUsage();
    for (const input of inputs) await act(input);
    const { user, system } = process.cpuUsage(begin);
    if (round > 0) rounds.push((user + system) / inputs.length);
  }
  return median(rounds);
}

const logKey = keyOf(ORIGIN, "ed25519", seedOf(7));
const identity = { origin: ORIGIN, logKeys: [logKey] };
const witnesses = ["city", "committee"].map((body, place) => {
  const seed = seedOf(11 + place);
  return { body, seed, key: keyOf(`${body}.example/witness`, "ed25519-cosignature", seed) };
});
const policy = { witnesses, quorum: 2 };

function cosigned({ size, root }: TreeHead): Uint8Array {
  const text = formatCheckpoint({ origin: ORIGIN, size, root, extensions: [] });
  const cosignatures = witnesses.map(({ key, seed }) =>
    cosignCheckpoint(crypto, key, seed, text, 1_790_000_000),
  );
  return formatNote({ text, signatures: [signNote(crypto, logKey, seedOf(7), text), ...cosignatures] });
}
