import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as crypto from "@menshen/crypto/node";
import {
  appendLeaves,
  commitLeaf,
  EMPTY_EDGE,
  encodeEntryBundle,
  encodeLeaf,
  formatCheckpoint,
  formatNote,
  formatVerifierKey,
  hashLeaf,
  type NoteSignature,
  noteKey,
  parseNote,
  parseVerifierKey,
  rootOfEdge,
  signNote,
  tilePath,
} from "@menshen/evidence";
import { askWitness } from "@menshen/evidence/node";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { menshen, menshenHere, type Run } from "../testing/menshen.ts";

const ORIGIN = "log.menshen.local/test";
const seed = new Uint8Array(32).fill(7);
const { publicKey } = crypto.ed25519FromSecret(seed);
const logKey = noteKey(crypto.sha256, { name: ORIGIN, type: "ed25519", publicKey });
const KEY = formatVerifierKey(logKey);

const directory = mkdtempSync(join(tmpdir(), "menshen-log-"));
/** What the log serves, by path. */
let files: Map<string, Uint8Array>;
let server: Server;
let url = "";

/** A log of that many leaves, whose salts come from `world`: another world is another history. */
function serve(size: number, world = "one", cosignatures: readonly NoteSignature[] = []): Uint8Array {
  files = new Map();
  const entries = Array.from({ length: size }, (_, index) => {
    const salt = new Uint8Array(createHash("sha256").update(`${world} ${index}`).digest());
    return encodeLeaf(
      commitLeaf(crypto, salt, index % 10 === 0 ? "opening-requested" : "personal-data-viewed", salt),
    );
  });
  const added = appendLeaves(
    crypto.sha256,
    EMPTY_EDGE,
    entries.map((entry) => hashLeaf(crypto.sha256, entry)),
  );
  for (const { tile, bytes } of added.tiles) files.set(tilePath(tile), bytes);
  for (let index = 0; index * 256 < size; index++) {
    const bundle = entries.slice(index * 256, index * 256 + 256);
    files.set(tilePath({ level: "entries", index, width: bundle.length }), encodeEntryBundle(bundle));
  }
  const text = formatCheckpoint({
    origin: ORIGIN,
    size,
    root: rootOfEdge(crypto.sha256, added.edge),
    extensions: [],
  });
  const note = formatNote({ text, signatures: [signNote(crypto, logKey, seed, text), ...cosignatures] });
  files.set("checkpoint", note);
  return note;
}

beforeAll(async () => {
  server = createServer((request, response) => {
    const content = files.get((request.url ?? "").replace("/log/", ""));
    response.writeHead(content === undefined ? 404 : 200).end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/log`;
});
afterAll(() => {
  server.close();
  rmSync(directory, { recursive: true, force: true });
});

describe("menshen log audit", () => {
  let state = "";
  let runs = 0;
  beforeEach(() => {
    runs += 1;
    state = join(directory, `audit-${runs}`);
  });
  const audit = (...more: string[]) =>
    menshenHere(["log", "audit", url, "--key", KEY, "--state", state, ...more]);

  test("verifies a log and what comes later, in words and as JSON", async () => {
    serve(300);
    expect(await audit()).toEqual({
      code: 0,
      stderr: "",
      stdout:
        "✓ 300 new entries verified, 300 of 300 in all: opening-requested 30, personal-data-viewed 270\n",
    });
    serve(1_000);
    const json = await audit("--json");
    expect(json.code).toBe(0);
    expect(JSON.parse(json.stdout)).toEqual({
      ok: true,
      size: 1_000,
      verified: 700,
      verifiedSize: 1_000,
      cosignedBy: [],
      topics: { "opening-requested": 70, "personal-data-viewed": 630 },
    });
  });

  test("shouts on a fork, and keeps shouting", async () => {
    serve(300);
    await audit();
    serve(400, "other");
    const forked = await audit();
    expect(forked).toMatchObject({ code: 1, stderr: "" });
    expect(forked.stdout).toContain("✗ FORKED: the log signed two histories");
    expect(readFileSync(state, "utf8")).toContain('"kind": "other-history"');
    serve(300);
    const chinese = await menshenHere(["log", "audit", url, "--key", KEY, "--state", state], {
      LC_ALL: "zh_CN.UTF-8",
    });
    expect(chinese.code).toBe(1);
    expect(chinese.stdout).toContain("✗ 日志分叉");
  });

  test("tells of a roll-back, a flipped bit, a missing tile and a missing witness", async () => {
    serve(300);
    await audit();
    serve(200);
    expect(await audit()).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("✗ ROLLED BACK: it shows 200 entries and had shown 300"),
    });
    serve(600);
    const bundle = files.get("tile/entries/001") ?? new Uint8Array();
    bundle[40] = (bundle[40] ?? 0) ^ 4;
    expect(await audit()).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("✗ `tile/entries/001` does not belong to what the log signed"),
    });
    serve(600);
    files.delete("tile/0/001");
    expect(await audit()).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("`tile/0/001` is missing"),
    });
    serve(600);
    const witness = noteKey(crypto.sha256, {
      name: "city.example/w",
      type: "ed25519-cosignature",
      publicKey: crypto.ed25519FromSecret(new Uint8Array(32).fill(3)).publicKey,
    });
    const lonely = await audit("--witness", `city=${formatVerifierKey(witness)}`);
    expect(lonely).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("✗ cosigned by 0 of 1 bodies that are needed (none)"),
    });
  });

  test("a log of 100,000 leaves is verified", async () => {
    serve(100_000);
    // A process of its own: this one serves the log.
    const done = await menshen(["log", "audit", url, "--key", KEY, "--state", state, "--json"]).ended;
    expect(JSON.parse(done.stdout)).toMatchObject({ ok: true, verified: 100_000 });
  });

  test("says what it needs, and what it could not reach", async () => {
    const other = formatVerifierKey({
      ...logKey,
      ...noteKey(crypto.sha256, { ...logKey, name: "other.example" }),
    });
    serve(3);
    writeFileSync(state, "{}");
    const codes = await Promise.all(
      [
        [url],
        [url, "--key", "x"],
        [url, "--key", KEY, "--quorum", "1"],
        [url, "--key", other],
        [url, "--key", KEY, "--state", state],
        ["http://127.0.0.1:1/log", "--key", KEY],
      ].map(async (args) => (await menshenHere(["log", "audit", ...args])).code),
    );
    expect(codes).toEqual([2, 2, 2, 1, 78, 69]);
  });
});

describe("menshen log prove and verify", () => {
  const file = join(directory, "leaf.tlog-proof");

  test("a proof is verified offline, and refused when anything in it changed", async () => {
    serve(600);
    expect(await menshenHere(["log", "prove", url, "--leaf", "290", "--out", file])).toMatchObject({
      code: 0,
    });
    const verify = (key = KEY) => menshenHere(["log", "verify", file, "--key", key]);
    expect(await verify()).toEqual({
      code: 0,
      stderr: "",
      stdout: "✓ entry 290 of 600, opening-requested, stands in log.menshen.local/test\n",
    });
    const text = readFileSync(file, "utf8");
    for (const [from, to, says] of [
      ["index 290", "index 291", "does not stand at that place"],
      ["\n600\n", "\n601\n", "a signature is false"],
      ["@v1", "@v9", "not of the form c2sp.org/tlog-proof@v1"],
    ] as const) {
      writeFileSync(file, text.replace(from, to));
      expect(await verify()).toMatchObject({ code: 1, stderr: expect.stringContaining(says) });
    }
    expect(await menshenHere(["log", "prove", url, "--leaf", "600"])).toMatchObject({ code: 1 });
    expect(await menshenHere(["log", "prove", url])).toMatchObject({ code: 2 });
    expect(await menshenHere(["log", "verify", "/nonexistent", "--key", KEY])).toMatchObject({ code: 1 });
  });
});

describe("menshen witness", () => {
  const stateDir = join(directory, "witness");
  const config = join(directory, "witness.json");
  const write = (more: object = {}) =>
    writeFileSync(
      config,
      JSON.stringify({
        stateDir,
        listen: { host: "127.0.0.1", port: 0 },
        name: "city.example/w",
        logs: [KEY],
        ...more,
      }),
    );
  const start = async () => {
    const run: Run = menshen(["witness", "--config", config]);
    const ready: { url: string; verifierKey: string } = JSON.parse(await run.line(/"ready":true/));
    return { run, ...ready };
  };

  test("keeps its key and its memory, and its word counts for an auditor", async () => {
    write();
    const note = serve(300);
    const first = await start();
    const parsed = parseVerifierKey(crypto.sha256, first.verifierKey);
    if (!parsed.parsed) throw new Error(parsed.refusal);
    const log = { origin: ORIGIN, logKeys: [logKey] };
    const ask = { oldSize: 0, proof: [], checkpoint: note };
    const cosigned = await askWitness(fetch, { url: first.url, key: parsed.key }, log, ask, 5_000);
    if (cosigned.answer !== "cosigned") throw new Error(cosigned.answer);
    const second = await menshen(["witness", "--config", config]).ended;
    expect(second).toMatchObject({ code: 1, stderr: expect.stringContaining("another process uses") });
    first.run.child.kill("SIGKILL");
    await first.run.ended;

    const again = await start();
    expect(again.verifierKey).toBe(first.verifierKey);
    const answer = await askWitness(fetch, { url: again.url, key: parsed.key }, log, ask, 5_000);
    expect(answer).toEqual({ answer: "has-other-size", size: 300 });
    again.run.child.kill("SIGTERM");
    expect(await again.run.ended).toMatchObject({ code: 0 });

    serve(300, "one", [cosigned.signature]);
    const audited = await menshenHere([
      "log",
      "audit",
      url,
      "--key",
      KEY,
      "--witness",
      `city=${first.verifierKey}`,
      "--json",
    ]);
    expect(JSON.parse(audited.stdout)).toMatchObject({ ok: true, cosignedBy: ["city"] });
    expect(parseNote(note)?.signatures).toHaveLength(1);
  });

  test("does not start without the memory that belongs to its key", async () => {
    for (const file of ["witness.db", "witness.db-wal", "witness.db-shm"])
      rmSync(join(stateDir, file), { force: true });
    const ended = await menshen(["witness", "--config", config]).ended;
    expect(ended).toMatchObject({ code: 78, stderr: expect.stringContaining("and its memory") });
  });

  test("refuses a configuration that it does not understand", async () => {
    expect(await menshen(["witness"]).ended).toMatchObject({ code: 2 });
    for (const wrong of [{ logs: ["x"] }, { colour: "red" }]) {
      write(wrong);
      expect(await menshen(["witness", "--config", config]).ended).toMatchObject({ code: 78 });
    }
  });
});
