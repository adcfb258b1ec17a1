import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import * as crypto from "@menshen/crypto/node";
import {
  appendLeaves,
  commitLeaf,
  cosignCheckpoint,
  EMPTY_EDGE,
  encodeEntryBundle,
  encodeLeaf,
  formatCheckpoint,
  formatLogProof,
  formatNote,
  formatVerifierKey,
  hashLeaf,
  noteKey,
  proveInclusion,
  rootOfEdge,
  signNote,
  TILE_WIDTH,
  type TreeEdge,
  tilePath,
} from "@menshen/evidence";
import { ROOT } from "@menshen/testkit/system";
import type { LogDescription, PublicStatement } from "@menshen/wire";

const ORIGIN = "log.menshen.local/7a5f2a0e-3a44-4a53-8f57-0a1f6f3b7c11";
const TOPICS = ["personal-data-viewed", "administration-recorded", "resident-key-registered"] as const;
/** Entries of homes and credentials among the others, by place: two homes, three credentials of theirs, one of staff that ended. */
const CREDENTIALS: ReadonlyMap<number, readonly [string, number]> = new Map([
  [8, ["dwelling-registered", 1]],
  [11, ["dwelling-registered", 2]],
  [14, ["credential-of-dwelling", 3]],
  [17, ["credential-of-dwelling", 4]],
  [20, ["credential-of-dwelling", 5]],
  [23, ["credential-of-staff", 6]],
  [26, ["credential-ended", 6]],
]);
const SALT = new Uint8Array(32).fill(3);
const SAID = '{"at":1795420800000,"setting":"retentionDays","to":20,"topic":"settings-changed"}';

/** What is served: a log of some leaves, signed and witnessed. */
export interface MadeLog {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly entries: readonly Uint8Array[];
  readonly edge: TreeEdge;
  readonly size: number;
  readonly root: Uint8Array;
  readonly note: Uint8Array;
}

const signing = crypto.ed25519FromSecret(new Uint8Array(32).fill(7));
const witnessing = crypto.ed25519FromSecret(new Uint8Array(32).fill(8));
const logKey = noteKey(crypto.sha256, { name: ORIGIN, type: "ed25519", publicKey: signing.publicKey });
const witnessKey = noteKey(crypto.sha256, {
  name: "witness.example/city",
  type: "ed25519-cosignature",
  publicKey: witnessing.publicKey,
});

/** Index of the one public statement. */
export const PUBLIC_INDEX = 5;

/** A log without leaves. */
export const EMPTY_LOG: MadeLog = {
  files: new Map(),
  entries: [],
  edge: EMPTY_EDGE,
  size: 0,
  root: rootOfEdge(crypto.sha256, EMPTY_EDGE),
  note: new Uint8Array(),
};

/**
 * The log with more leaves behind it, signed, and cosigned by the city's witness.
 *
 * @param timeSeconds when the witness cosigned
 * @param isOther leaves of another history than the usual one
 */
export function growLog(log: MadeLog, count: number, timeSeconds: number, isOther = false): MadeLog {
  const size = log.size + count;
  const added = Array.from({ length: count }, (_, place) => entryAt(log.size + place, isOther));
  const entries = [...log.entries, ...added];
  const files = new Map(log.files);
  const { edge, tiles } = appendLeaves(
    crypto.sha256,
    log.edge,
    added.map((entry) => hashLeaf(crypto.sha256, entry)),
  );
  for (const { tile, bytes } of tiles) files.set(tilePath(tile), bytes);
  for (let index = Math.floor(log.size / TILE_WIDTH); index * TILE_WIDTH < size; index += 1) {
    const bundle = entries.slice(index * TILE_WIDTH, (index + 1) * TILE_WIDTH);
    files.set(tilePath({ level: "entries", index, width: bundle.length }), encodeEntryBundle(bundle));
  }
  const root = rootOfEdge(crypto.sha256, edge);
  const text = formatCheckpoint({ origin: ORIGIN, size, root, extensions: [] });
  const signatures = [
    signNote(crypto, logKey, signing.secretKey, text),
    cosignCheckpoint(crypto, witnessKey, witnessing.secretKey, text, timeSeconds),
  ];
  return { files, entries, edge, size, root, note: formatNote({ text, signatures }) };
}

function entryAt(index: number, isOther: boolean): Uint8Array {
  if (index === PUBLIC_INDEX && !isOther) {
    return encodeLeaf(
      commitLeaf(crypto.primitives, SALT, "settings-changed", new TextEncoder().encode(SAID)),
    );
  }
  const commitment = crypto.sha256(new TextEncoder().encode(`${isOther ? "other" : "leaf"} ${index}`));
  const credential = isOther ? undefined : CREDENTIALS.get(index);
  if (credential !== undefined) {
    return encodeLeaf({ topic: credential[0], commitment, tag: new Uint8Array(16).fill(credential[1]) });
  }
  return encodeLeaf({ topic: TOPICS[index % TOPICS.length] ?? TOPICS[0], commitment });
}

/** A receipt for a leaf. */
export async function receiptOf(log: MadeLog, index: number): Promise<string> {
  const source = async (tile: Parameters<typeof tilePath>[0]) => log.files.get(tilePath(tile));
  const proved = await proveInclusion(crypto.sha256, source, log, index);
  if (!proved.read) throw new Error("no proof");
  return formatLogProof({
    index,
    hashes: proved.proof,
    checkpoint: log.note,
    extra: log.entries[index] ?? new Uint8Array(),
  });
}

/** A server of the public page and of a log that a test may exchange or damage. */
export interface LogServer {
  readonly address: string;
  log: MadeLog;
  readonly stop: () => void;
}

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript",
  css: "text/css",
  svg: "image/svg+xml",
  json: "application/json",
};

export async function serveLog(log: MadeLog): Promise<LogServer> {
  const served = { log };
  const server: Server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    const { log: now } = served;
    const json = (value: object) =>
      response.setHeader("content-type", "application/json").end(JSON.stringify(value));
    if (path === "/api/v1/log") return json(descriptionOf(now));
    if (path === "/api/v1/log/statements") return json({ items: [statement()] });
    if (path === "/log/checkpoint") return response.end(now.note);
    if (path.startsWith("/log/tile/")) {
      const tile = now.files.get(path.slice("/log/".length));
      return tile === undefined ? response.writeHead(404).end() : response.end(tile);
    }
    if (!path.startsWith("/public/")) return response.writeHead(404).end();
    const file =
      path.endsWith("/") || path === "/public/visit" ? "index.html" : path.slice("/public/".length);
    response.setHeader("content-type", TYPES[file.split(".").at(-1) ?? ""] ?? "text/plain");
    return response.end(readFileSync(join(ROOT, "apps/public/dist", file)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    get log() {
      return served.log;
    },
    set log(next) {
      served.log = next;
    },
    address: `http://localhost:${address.port}`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function descriptionOf({ size }: MadeLog): LogDescription {
  const witness = { body: "city" as const, name: witnessKey.name, key: formatVerifierKey(witnessKey) };
  return { origin: ORIGIN, logKey: formatVerifierKey(logKey), witnesses: [witness], quorum: 1, size };
}

function statement(): PublicStatement {
  return {
    leafId: "0b54bd1e-8bd0-4d2a-9b0c-0f5a3f4f3b10",
    at: 1_795_420_800_000,
    topic: "settings-changed",
    statement: SAID,
    salt: crypto.toHex(SALT),
    index: PUBLIC_INDEX,
  };
}
