import * as crypto from "@menshen/crypto";
import { type CanonicalJson, canonicalJson, type OpeningStatement } from "@menshen/domain";
import {
  appendLeaves,
  commitLeaf,
  cosignCheckpoint,
  EMPTY_EDGE,
  encodeLeaf,
  formatCheckpoint,
  formatLogProof,
  formatNote,
  formatVerifierKey,
  hashLeaf,
  noteKey,
  rootOfEdge,
  signNote,
  type TileSource,
  tilePath,
} from "@menshen/evidence";
import type { CustodianSet, EntryLabel, EpochKey } from "../index.ts";
import { encodeSealedEntry, parseSealedEntry, sealEntry } from "../sealed-entry.ts";
import { makeTable, play } from "../testing/play.ts";
import { seededRandom } from "../testing/seeded-random.ts";
import type { ShownRequest } from "./check-request.ts";
import { addShares } from "./hold-shares.ts";
import type { StoreContents } from "./store-contents.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** 2026-11-23 08:00 in Shanghai. */
export const NOW = 1_795_392_000_000;
/** Epochs of 28 days; NOW is two days into epoch 7. */
export const grid = { anchorMs: NOW - (6 * 28 + 2) * DAY_MS, epochMs: 28 * DAY_MS };
export const CEREMONY = "00000000-0000-4000-8000-00000000c000";
export const DOOR = "11111111-1111-4111-8111-111111111111";
export const OTHER_DOOR = "22222222-2222-4222-8222-222222222222";

const seed = (fill: number) => new Uint8Array(32).fill(fill);
const { sha256 } = crypto;
export const random = seededRandom("custodian");

export const ORIGIN = "log.menshen.local/test";
const LOG_SEED = seed(0x10);
const logKey = noteKey(sha256, {
  name: ORIGIN,
  type: "ed25519",
  publicKey: crypto.ed25519FromSecret(LOG_SEED).publicKey,
});

/** Three witnesses of three bodies. */
const WITNESSES = ["city", "committee", "resident"].map((body, i) => {
  const secretKey = seed(0x20 + i);
  const { publicKey } = crypto.ed25519FromSecret(secretKey);
  const key = noteKey(sha256, { name: `${body}.example/witness`, type: "ed25519-cosignature", publicKey });
  return { body, secretKey, key };
});

export const members: CustodianSet = {
  version: 1,
  threshold: 2,
  members: ["committee", "property", "city"].map((body, i) => ({
    body,
    identityKey: crypto.ed25519FromSecret(seed(i + 1)).publicKey,
  })),
};

const table = makeTable({ threshold: { k: 2, n: 3 }, epochCount: 2, random });
const ends = play(table.setup, table.keys, random).flatMap((end) => (end.phase === "finished" ? [end] : []));

/** Keys of epochs 7 and 8. */
export const keys: readonly EpochKey[] = ends[0]?.keys ?? [];

/** What the program of a custodian keeps after one ceremony. */
export function contentsOf(index: number): StoreContents {
  const empty: StoreContents = {
    identitySeed: seed(index),
    communityId: "00000000-0000-4000-8000-000000000001",
    grid,
    log: {
      origin: ORIGIN,
      logKey: formatVerifierKey(logKey),
      witnesses: WITNESSES.map(({ body, key }) => ({ body, key: formatVerifierKey(key) })),
      quorum: 2,
    },
    custodians: members,
    retentionDays: 30,
    shares: [],
    receipts: [],
    answered: [],
    latestMs: NOW - DAY_MS,
  };
  return addShares(empty, CEREMONY, keys, ends[index - 1]?.shares ?? []);
}

/** One door, two hours of last night; asked an hour ago. */
export const ORDINARY: OpeningStatement = {
  topic: "opening-requested",
  at: NOW - HOUR_MS,
  requestId: "00000000-0000-4000-8000-00000000a001",
  path: "ordinary",
  authority: "某市公安局某分局",
  documentNumber: "调证〔2026〕114号",
  documentSha256: "ab".repeat(32),
  accessPointIds: [DOOR],
  from: NOW - 8 * HOUR_MS,
  until: NOW - 6 * HOUR_MS,
  purpose: "crime-investigation",
  deadline: NOW + 3 * DAY_MS,
  sealUntil: NOW + 90 * DAY_MS,
  entryCap: 2,
};

export interface LogOptions {
  /** Which witnesses cosign, by body. */
  readonly witnesses?: readonly string[];
  readonly cosignedAtMs?: number;
  readonly logSeed?: Uint8Array;
  /** What stands in the log in place of the request. */
  readonly leaf?: Uint8Array;
  /** What stands before it. */
  readonly before?: string;
  readonly salt?: Uint8Array;
}

/** A statement in a log of two leaves, with its proof. */
export function logged(statement: object | string, options: LogOptions = {}): ShownRequest {
  return loggedAmong(statement, [options.before ?? "before"], [], options).request;
}

/** A statement in a log between other leaves, with its proof and the log's tiles. */
export function loggedAmong(
  statement: object | string,
  before: readonly string[],
  after: readonly string[] = [],
  options: LogOptions = {},
): { readonly request: ShownRequest; readonly tiles: TileSource } {
  const text = typeof statement === "string" ? statement : canonicalJson(toJson(statement));
  const salt = new Uint8Array(32).fill(0x33);
  const entry =
    options.leaf ?? encodeLeaf(commitLeaf(crypto, salt, "opening-requested", new TextEncoder().encode(text)));
  const textLeaf = (one: string) => new TextEncoder().encode(one);
  const leaves = [...before.map(textLeaf), entry, ...after.map(textLeaf)];
  const hashes = leaves.map((one) => hashLeaf(sha256, one));
  const { edge, tiles } = appendLeaves(sha256, EMPTY_EDGE, hashes);
  const [size, root] = [hashes.length, rootOfEdge(sha256, edge)];
  const body = formatCheckpoint({ origin: ORIGIN, size, root, extensions: [] });
  const seconds = Math.floor((options.cosignedAtMs ?? NOW - HOUR_MS) / 1_000);
  const cosigning = options.witnesses ?? ["city", "committee"];
  const checkpoint = formatNote({
    text: body,
    signatures: [
      signNote(crypto, logKey, options.logSeed ?? LOG_SEED, body),
      ...WITNESSES.filter((witness) => cosigning.includes(witness.body)).map(({ key, secretKey }) =>
        cosignCheckpoint(crypto, key, secretKey, body, seconds),
      ),
    ],
  });
  const proof = formatLogProof({
    index: before.length,
    hashes: siblingsOf(hashes, before.length),
    checkpoint,
  });
  const byPath = new Map(tiles.map(({ tile, bytes }) => [tilePath(tile), bytes]));
  return {
    request: { statement: text, salt: options.salt ?? salt, proof },
    tiles: async (tile) => byPath.get(tilePath(tile)),
  };
}

/** RFC 6962 §2.1.1, as it is written there. */
function siblingsOf(hashes: readonly Uint8Array[], index: number): Uint8Array[] {
  if (hashes.length === 1) return [];
  let split = 1;
  while (split * 2 < hashes.length) split *= 2;
  const [left, right] = [hashes.slice(0, split), hashes.slice(split)];
  return index < split
    ? [...siblingsOf(left, index), rootOf(right)]
    : [...siblingsOf(right, index - split), rootOf(left)];
}

function rootOf(hashes: readonly Uint8Array[]): Uint8Array {
  return rootOfEdge(sha256, appendLeaves(sha256, EMPTY_EDGE, hashes).edge);
}

/** An entry as a gate seals it. */
export function sealedAt(
  label: Partial<Omit<EntryLabel, "accessPoint">> & { readonly door?: string } = {},
): Uint8Array {
  const { door = DOOR, timeMs = NOW - 7 * HOUR_MS, sequence = 1, gate = seed(0x44).slice(16) } = label;
  const [key] = keys;
  if (key === undefined) throw new Error("the ceremony did not finish");
  const accessPoint = crypto.fromHex(door.replaceAll("-", ""));
  return sealEntry({ key, label: { gate, sequence, accessPoint, timeMs }, plaintext: seed(0x55), random });
}

/** The entry under another label, its proof left as it was. */
export function relabelled(bytes: Uint8Array, label: Partial<EntryLabel>): Uint8Array {
  const entry = parseSealedEntry(bytes);
  return encodeSealedEntry({ ...entry, label: { ...entry.label, ...label } });
}

function toJson(value: unknown): CanonicalJson {
  const json: CanonicalJson = JSON.parse(JSON.stringify(value));
  return json;
}
