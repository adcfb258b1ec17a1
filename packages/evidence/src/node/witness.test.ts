import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as crypto from "@menshen/crypto/node";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { sha256, storedLog } from "../evidence.fixture.ts";
import {
  formatAddCheckpoint,
  noteKey,
  openCheckpoint,
  parseVerifierKey,
  proveConsistency,
} from "../index.ts";
import { askWitness, makeWitness, openWitnessStore, serveWitness, type WitnessStore } from "./index.ts";
import { logKeysOf, signHead } from "./log-keys.ts";
import { LOG_KEY, LOG_SEED, ORIGIN } from "./log-world.fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "menshen-witness-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
let file = "";
beforeEach(() => {
  files += 1;
  file = join(folder, `witness-${files}.db`);
});

const tree = storedLog(70);
const keys = logKeysOf(ORIGIN, LOG_SEED);
const seed = new Uint8Array(32).fill(21);

const witnessOn = (store: WitnessStore) =>
  makeWitness({
    name: "city.example/w",
    secretKey: seed,
    logs: [LOG_KEY],
    store,
    nowSeconds: () => 1_700_000_000,
  });

/** A request for a tree of `size` leaves, with the proof from `oldSize`. */
async function request(
  oldSize: number,
  size: number,
  change: { root?: Uint8Array; proof?: Uint8Array[] } = {},
) {
  const { head, source } = storedLog(size);
  const made = await proveConsistency(sha256, source, head, Math.min(oldSize, size));
  if (!made.read) throw new Error(made.path);
  const note = signHead(keys, { size, root: change.root ?? head.root });
  return formatAddCheckpoint({ oldSize, proof: change.proof ?? made.proof, checkpoint: note });
}

const bytes = (text: string) => new Uint8Array(Buffer.from(text));

describe("a witness", () => {
  it("cosigns the first tree, the next one, and the same again", async () => {
    const witness = witnessOn(openWitnessStore(file));
    for (const [oldSize, size] of [
      [0, 8],
      [8, 70],
      [70, 70],
    ] as const) {
      const body = await request(oldSize, size);
      const reply = witness.addCheckpoint(body);
      expect(reply).toMatchObject({ status: 200, contentType: "text/plain; charset=utf-8" });
      const note = crypto.concatBytes(body.slice(Buffer.from(body).indexOf("\n\n") + 2), bytes(reply.body));
      const key = parseVerifierKey(sha256, witness.verifierKey);
      if (!key.parsed) throw new Error(key.refusal);
      const identity = { origin: ORIGIN, logKeys: [LOG_KEY], witnessKeys: [key.key] };
      expect(openCheckpoint(crypto, note, identity)).toMatchObject({
        opened: true,
        cosignatures: [{ timeSeconds: 1_700_000_000 }],
      });
    }
  });

  it("remembers after a restart, and refuses to go back", async () => {
    const store = openWitnessStore(file);
    witnessOn(store).addCheckpoint(await request(0, 70));
    store.close();
    const witness = witnessOn(openWitnessStore(file));
    expect(witness.addCheckpoint(await request(0, 70))).toEqual({
      status: 409,
      contentType: "text/x.tlog.size",
      body: "70\n",
    });
    expect(witness.addCheckpoint(await request(0, 8))).toMatchObject({ status: 409, body: "70\n" });
    expect(witness.addCheckpoint(await request(8, 70))).toMatchObject({ status: 409, body: "70\n" });
  });

  it("refuses another root for a size it cosigned, and keeps the note that convicts the log", async () => {
    const store = openWitnessStore(file);
    const witness = witnessOn(store);
    witness.addCheckpoint(await request(0, 8));
    const other = new Uint8Array(32).fill(1);
    for (const _ of [1, 2]) {
      expect(witness.addCheckpoint(await request(8, 8, { root: other }))).toMatchObject({
        status: 409,
        body: "8\n",
      });
    }
    expect(store.forks(ORIGIN)).toEqual([signHead(keys, { size: 8, root: other })]);
    expect(store.latest(ORIGIN)).toMatchObject({ size: 8, root: storedLog(8).head.root });
  });

  it("refuses a proof that does not lead there", async () => {
    const store = openWitnessStore(file);
    const witness = witnessOn(store);
    witness.addCheckpoint(await request(0, 8));
    expect(witness.addCheckpoint(await request(8, 70, { proof: [] }))).toMatchObject({ status: 422 });
    const flipped = new Uint8Array(32);
    expect(witness.addCheckpoint(await request(8, 70, { proof: [flipped] }))).toMatchObject({ status: 422 });
    expect(witness.addCheckpoint(await request(8, 70, { root: flipped }))).toMatchObject({ status: 422 });
    expect(store.latest(ORIGIN)?.size).toBe(8);
  });

  it("starts from nothing with an empty proof only", async () => {
    const witness = witnessOn(openWitnessStore(file));
    expect(witness.addCheckpoint(await request(0, 8, { proof: [new Uint8Array(32)] }))).toMatchObject({
      status: 422,
    });
    expect(witness.addCheckpoint(await request(3, 8))).toMatchObject({ status: 409, body: "0\n" });
    expect(witness.addCheckpoint(await request(9, 8))).toMatchObject({ status: 400 });
    const empty = formatAddCheckpoint({
      oldSize: 0,
      proof: [],
      checkpoint: signHead(keys, { size: 0, root: new Uint8Array(32) }),
    });
    expect(witness.addCheckpoint(empty)).toMatchObject({ status: 409, body: "0\n" });
    expect(witness.addCheckpoint(await request(0, 8))).toMatchObject({ status: 200 });
  });

  it("refuses logs and keys it does not know", async () => {
    const witness = witnessOn(openWitnessStore(file));
    const unknown = signHead(logKeysOf("other.example/log", LOG_SEED), tree.head);
    expect(
      witness.addCheckpoint(formatAddCheckpoint({ oldSize: 0, proof: [], checkpoint: unknown })),
    ).toMatchObject({
      status: 404,
    });
    const forged = signHead(logKeysOf(ORIGIN, new Uint8Array(32).fill(9)), tree.head);
    expect(
      witness.addCheckpoint(formatAddCheckpoint({ oldSize: 0, proof: [], checkpoint: forged })),
    ).toMatchObject({
      status: 403,
    });
    const good = Buffer.from(await request(0, 8));
    const broken = bytes(good.toString().replace("\n8\n", "\n9\n"));
    expect(witness.addCheckpoint(broken)).toMatchObject({ status: 403 });
    expect(witness.addCheckpoint(bytes("old 0\n\nhello\n"))).toMatchObject({ status: 400 });
  });
});

describe("a witness whose memory fails", () => {
  it.each(["not saved", "saved but reported failed"] as const)(
    "(%s) signs nothing, and goes on after",
    async (mode) => {
      const store = openWitnessStore(file);
      let fails = true;
      const witness = witnessOn({
        ...store,
        advance(origin, fromSize, to) {
          if (!fails) return store.advance(origin, fromSize, to);
          fails = false;
          if (mode === "saved but reported failed") store.advance(origin, fromSize, to);
          throw new Error("disk is full");
        },
      });
      const first = await request(0, 8);
      expect(() => witness.addCheckpoint(first)).toThrow("disk is full");
      const again = witness.addCheckpoint(first);
      if (mode === "not saved") {
        expect(again.status).toBe(200);
      } else {
        expect(again).toMatchObject({ status: 409, body: "8\n" });
        expect(witness.addCheckpoint(await request(8, 8))).toMatchObject({ status: 200 });
      }
    },
  );

  it("two that share a memory do not overtake each other", async () => {
    const one = openWitnessStore(file);
    const other = openWitnessStore(file);
    witnessOn(one).addCheckpoint(await request(0, 8));
    // The second one looked before the first one wrote.
    const slow = witnessOn({
      ...other,
      latest: (origin) => {
        const seen = other.latest(origin);
        if (seen?.size === 8) one.advance(origin, 8, { ...tree.head, note: new Uint8Array() });
        return seen;
      },
    });
    expect(slow.addCheckpoint(await request(8, 9))).toMatchObject({ status: 409, body: "70\n" });
  });
});

describe("over HTTP", () => {
  const log = { origin: ORIGIN, logKeys: [LOG_KEY] };
  const checkpoint = signHead(keys, tree.head);
  const ask = { oldSize: 0, proof: [], checkpoint };

  async function serving<T>(
    store: WitnessStore,
    act: (url: string, verifierKey: string) => Promise<T>,
  ): Promise<T> {
    const witness = witnessOn(store);
    const server = await serveWitness({ witness, host: "127.0.0.1", port: 0, onFault: () => {} });
    try {
      return await act(`http://127.0.0.1:${server.port}`, witness.verifierKey);
    } finally {
      await server.stop();
    }
  }

  const keyOf = (text: string) => {
    const parsed = parseVerifierKey(sha256, text);
    if (!parsed.parsed) throw new Error(parsed.refusal);
    return parsed.key;
  };

  it("client and server understand each other", async () => {
    await serving(openWitnessStore(file), async (url, verifierKey) => {
      const witness = { url: `${url}/`, key: keyOf(verifierKey) };
      expect(await askWitness(fetch, witness, log, ask, 2_000)).toMatchObject({
        answer: "cosigned",
        timeSeconds: 1_700_000_000,
        signature: { name: "city.example/w" },
      });
      expect(await askWitness(fetch, witness, log, ask, 2_000)).toEqual({
        answer: "has-other-size",
        size: 70,
      });
      const stranger = { ...ask, checkpoint: signHead(logKeysOf("x.example", LOG_SEED), tree.head) };
      expect(await askWitness(fetch, witness, log, stranger, 2_000)).toEqual({
        answer: "refuses",
        status: 404,
      });
    });
  });

  it("what is no request is refused", async () => {
    await serving(openWitnessStore(file), async (url) => {
      const post = async (body: string, path = "/add-checkpoint", method = "POST") =>
        (await fetch(`${url}${path}`, { method, ...(method === "POST" ? { body } : {}) })).status;
      expect(await post("")).toBe(400);
      expect(await post("x".repeat(300_000))).toBe(413);
      expect(await post("", "/")).toBe(404);
      expect(await post("", "/add-checkpoint", "GET")).toBe(405);
    });
  });

  it("a memory that fails is a fault of the witness", async () => {
    const store = openWitnessStore(file);
    const failing: WitnessStore = {
      ...store,
      advance: () => {
        throw new Error("disk is full");
      },
    };
    await serving(failing, async (url, verifierKey) => {
      const answer = await askWitness(fetch, { url, key: keyOf(verifierKey) }, log, ask, 2_000);
      expect(answer).toEqual({ answer: "silent", why: "fault" });
    });
  });

  it.each<[string, () => Promise<Response>, object]>([
    [
      "no connection",
      () => Promise.reject(new TypeError("fetch failed")),
      { answer: "silent", why: "no-answer" },
    ],
    [
      "signed by nobody known",
      async () => new Response("— x AAAAAAA=\n"),
      { answer: "silent", why: "bad-answer" },
    ],
    ["not a signature line", async () => new Response("thanks\n"), { answer: "silent", why: "bad-answer" }],
    ["empty", async () => new Response(""), { answer: "silent", why: "bad-answer" }],
    ["endless", async () => new Response("x".repeat(20_000)), { answer: "silent", why: "bad-answer" }],
    [
      "a conflict about the size it was told",
      async () => new Response("0\n", { status: 409 }),
      { answer: "refuses-proof" },
    ],
    [
      "a conflict without a size",
      async () => new Response("no\n", { status: 409 }),
      { answer: "silent", why: "bad-answer" },
    ],
    [
      "a conflict with a size beyond 2^53",
      async () => new Response("99999999999999999\n", { status: 409 }),
      { answer: "silent", why: "bad-answer" },
    ],
    ["busy", async () => new Response("", { status: 429 }), { answer: "silent", why: "fault" }],
    ["a refusal", async () => new Response("", { status: 403 }), { answer: "refuses", status: 403 }],
  ])("an answer that is %s", async (_what, answer, expected) => {
    const key = noteKey(sha256, {
      name: "w",
      type: "ed25519-cosignature",
      publicKey: crypto.ed25519FromSecret(seed).publicKey,
    });
    expect(await askWitness(answer, { url: "http://w", key }, log, ask, 1_000)).toEqual(expected);
  });

  it("a witness that does not answer in time is silent", async () => {
    const hanging = (_url: string, { signal }: RequestInit) =>
      new Promise<Response>((_resolve, reject) => {
        signal?.addEventListener("abort", () => reject(new Error("aborted")));
      });
    const key = noteKey(sha256, { name: "w", type: "ed25519-cosignature", publicKey: LOG_KEY.publicKey });
    const witness = { url: "http://w", key: { ...key, publicKey: crypto.ed25519FromSecret(seed).publicKey } };
    expect(await askWitness(hanging, witness, log, ask, 10)).toEqual({ answer: "silent", why: "no-answer" });
  });
});
