import { describe, expect, it } from "vitest";
import type { StoredLog } from "../evidence.fixture.ts";
import { bytes, crypto, identity, sha256, signedCheckpoint, storedLog } from "../evidence.fixture.ts";
import type { AuditState, LogReader, Tile, TreeHead } from "../index.ts";
import {
  commitLeaf,
  encodeEntryBundle,
  encodeLeaf,
  formatVerifierKey,
  hashLeaf,
  noteKey,
  parseEntryBundle,
  tilePath,
} from "../index.ts";
import { auditLog, auditNew } from "./audit-log.ts";
import { formatAuditState, parseAuditState } from "./audit-state.ts";

const nobody = { witnesses: [], quorum: 0 };

/** A log as it is served: tiles of hashes, bundles of the entries "0", "1"…, and the checkpoint of its head. */
function served(size: number, entryAt: (index: number) => Uint8Array = (index) => bytes(String(index))) {
  const log = storedLog(0);
  const files = new Map<string, Uint8Array>();
  const entries = Array.from({ length: size }, (_, index) => entryAt(index));
  // In steps, as a sequencer does: partial tiles of the steps are there too.
  for (let start = 0; start < size; start += 300) {
    log.append(entries.slice(start, start + 300).map((entry) => hashLeaf(sha256, entry)));
  }
  for (const [path, content] of log.tiles) files.set(path, content);
  for (let index = 0; index * 256 < size; index += 1) {
    const bundle = entries.slice(index * 256, (index + 1) * 256);
    files.set(tilePath({ level: "entries", index, width: bundle.length }), encodeEntryBundle(bundle));
  }
  return { files, head: log.head };
}

function readerOf({ files, head }: { files: ReadonlyMap<string, Uint8Array>; head: TreeHead }): LogReader {
  return {
    checkpoint: async () => signedCheckpoint(head).note,
    tile: async (tile: Tile) => files.get(tilePath(tile)),
  };
}

const audit = (reader: LogReader, state: AuditState = auditNew(identity.origin)) =>
  auditLog(crypto, reader, identity, nobody, state);

/** State after a stop: written and read back. */
function restarted(state: AuditState): AuditState {
  const back = parseAuditState(crypto, formatAuditState(state), identity);
  if (back === undefined) throw new Error("the state is not read back");
  return back;
}

const flipped = (content: Uint8Array, place: number) => {
  const copy = content.slice();
  copy[place] = (copy[place] ?? 0) ^ 1;
  return copy;
};

describe("an auditor", () => {
  it("verifies a log from its first entry, and later what is new", async () => {
    const first = await audit(readerOf(served(1_000)));
    expect(first).toMatchObject({ findings: [], verified: 1_000, state: { edge: { size: 1_000 } } });
    const next = await audit(readerOf(served(1_700)), restarted(first.state));
    expect(next).toMatchObject({ findings: [], verified: 700, shown: { checkpoint: { size: 1_700 } } });
    const again = await audit(readerOf(served(1_700)), restarted(next.state));
    expect(again).toMatchObject({ findings: [], verified: 0 });
  });

  it("tells of each new entry once, in order, with its place", async () => {
    const first = await audit(readerOf(served(300)));
    const log = served(700);
    const seen: [number, Uint8Array][] = [];
    await auditLog(crypto, readerOf(log), identity, nobody, first.state, undefined, (index, entry) =>
      seen.push([index, entry]),
    );
    expect(seen.map(([index]) => index)).toEqual(Array.from({ length: 400 }, (_, place) => 300 + place));
    const bundle = log.files.get("tile/entries/001") ?? new Uint8Array();
    expect(parseEntryBundle(bundle)?.[44]).toEqual(seen[0]?.[1]);
  });

  it("asks only for what it did not see", async () => {
    const first = await audit(readerOf(served(1_000)));
    const log = readerOf(served(1_001));
    const asked: string[] = [];
    const reader: LogReader = {
      ...log,
      tile: (tile) => {
        asked.push(tilePath(tile));
        return log.tile(tile);
      },
    };
    expect((await audit(reader, first.state)).findings).toEqual([]);
    expect(new Set(asked)).toEqual(new Set(["tile/0/003.p/233", "tile/1/000.p/3", "tile/entries/003.p/233"]));
  });

  it("reads an older head after its partial tiles were dropped", async () => {
    const { files } = served(1_100);
    for (const path of files.keys()) if (path.startsWith("tile/0/003.p/")) files.delete(path);
    const { head } = served(1_000);
    files.set("tile/1/000.p/3", served(1_000).files.get("tile/1/000.p/3") ?? new Uint8Array());
    expect(await audit(readerOf({ files, head }))).toMatchObject({ findings: [], verified: 1_000 });
  });

  it("counts topics", async () => {
    const salt = new Uint8Array(32);
    const leaf = (topic: string) => encodeLeaf(commitLeaf(crypto, salt, topic, bytes("x")));
    const log = served(5, (index) =>
      index < 3 ? leaf("opening-requested") : index < 4 ? leaf("hold-placed") : bytes("?"),
    );
    const { topics } = await audit(readerOf(log));
    expect([...topics]).toEqual([
      ["opening-requested", 3],
      ["hold-placed", 1],
      ["unknown", 1],
    ]);
  });

  it("needs the bodies of its policy", async () => {
    const publicKey = crypto.ed25519FromSecret(new Uint8Array(32).fill(5)).publicKey;
    const key = noteKey(sha256, { name: "w", type: "ed25519-cosignature", publicKey });
    const policy = { witnesses: [{ body: "city", key }], quorum: 1 };
    const done = await auditLog(crypto, readerOf(served(10)), identity, policy, auditNew(identity.origin));
    expect(done.findings).toEqual([{ finding: "too-few-witnesses", bodies: [], quorum: 1 }]);
    expect(formatVerifierKey(key)).toMatch(/^w\+/);
  });
});

describe("an auditor finds", () => {
  it.each([
    ["tile/0/001", 5],
    ["tile/0/003.p/232", 8],
    ["tile/entries/002", 38],
    ["tile/entries/003.p/232", 3],
    ["tile/1/000.p/3", 70],
  ])("a flipped bit in %s", async (path, place) => {
    const log = served(1_000);
    log.files.set(path, flipped(log.files.get(path) ?? new Uint8Array(), place));
    const { findings, state } = await audit(readerOf(log));
    expect(findings).toEqual([{ finding: "tile-refused", refusal: "wrong-hash", path }]);
    expect(state.edge.size).toBe(0);
    // Nothing wrong was learned: with the true tile all is well.
    expect(await audit(readerOf(served(1_000)), restarted(state))).toMatchObject({
      findings: [],
      verified: 1_000,
    });
  });

  it.each(["tile/0/001", "tile/entries/002", "tile/1/000.p/3", "tile/0/003.p/232"])(
    "that %s is gone, or cut",
    async (path) => {
      const log = served(1_000);
      const content = log.files.get(path) ?? new Uint8Array();
      log.files.delete(path);
      expect((await audit(readerOf(log))).findings).toEqual([
        { finding: "tile-refused", refusal: "missing-tile", path },
      ]);
      log.files.set(path, content.subarray(0, -1));
      expect((await audit(readerOf(log))).findings).toEqual([
        { finding: "tile-refused", refusal: "wrong-length", path },
      ]);
    },
  );

  it("an entry changed that it had verified before", async () => {
    const { state } = await audit(readerOf(served(1_000)));
    const log = served(1_001);
    const path = "tile/entries/003.p/233";
    log.files.set(path, flipped(log.files.get(path) ?? new Uint8Array(), 3));
    expect((await audit(readerOf(log), state)).findings).toEqual([
      { finding: "tile-refused", refusal: "wrong-hash", path },
    ]);
  });

  it("a log that went back, and goes on when it comes forward again", async () => {
    const { state } = await audit(readerOf(served(1_000)));
    const back = await audit(readerOf(served(900)), state);
    expect(back.findings).toEqual([{ finding: "rolled-back", seenSize: 1_000, shownSize: 900 }]);
    expect(await audit(readerOf(served(1_100)), restarted(back.state))).toMatchObject({
      findings: [],
      verified: 100,
    });
  });

  const other = (from: number) => (index: number) => bytes(index < from ? String(index) : `other ${index}`);

  it.each([
    ["the same size", 1_000],
    ["a larger size", 1_500],
  ])("a fork of %s, for good, and can prove it", async (_what, size) => {
    const { state } = await audit(readerOf(served(1_000)));
    const forked = await audit(readerOf(served(size, other(950))), state);
    expect(forked.findings).toEqual([{ finding: "forked" }]);
    const kept = restarted(forked.state);
    expect(kept.followed.state).toBe("forked");
    expect((await audit(readerOf(served(1_600)), kept)).findings).toEqual([{ finding: "forked" }]);
  });

  it("a log that went back and wrote another history from there", async () => {
    const { state } = await audit(readerOf(served(1_000)));
    const back = await audit(readerOf(served(960, other(950))), state);
    expect(back.findings).toEqual([{ finding: "rolled-back", seenSize: 1_000, shownSize: 960 }]);
    expect((await audit(readerOf(served(1_200, other(950))), back.state)).findings).toEqual([
      { finding: "forked" },
    ]);
  });

  it("a checkpoint whose tiles are of another tree", async () => {
    const { files } = served(1_000);
    const head = { size: 1_000, root: new Uint8Array(32).fill(1) };
    const found = await audit(readerOf({ files, head }));
    expect(found.findings).toEqual([{ finding: "tile-refused", refusal: "wrong-hash", path: "checkpoint" }]);
    const { state } = await audit(readerOf(served(900)));
    expect((await audit(readerOf({ files, head }), state)).findings).toEqual([
      { finding: "proof-refused", seenSize: 900, shownSize: 1_000 },
      { finding: "tile-refused", refusal: "wrong-hash", path: "tile/1/000.p/3" },
    ]);
  });

  it("what is no checkpoint of the log", async () => {
    const reader = { ...readerOf(served(3)), checkpoint: async () => bytes("hello") };
    expect((await audit(reader)).findings).toEqual([{ finding: "checkpoint-refused", refusal: "malformed" }]);
  });
});

describe("an auditor's state is refused", () => {
  const stateOf = async (log: Pick<StoredLog, "head"> & { files: Map<string, Uint8Array> }) =>
    formatAuditState((await audit(readerOf(log))).state);

  it("when it says what the log did not sign", async () => {
    const text = await stateOf(served(300));
    const read = (changed: string) => parseAuditState(crypto, changed, identity);
    expect(read(text)).toBeDefined();
    for (const changed of [
      "",
      "null",
      "[]",
      text.slice(1),
      text.replace('"version": 1', '"version": 2'),
      text.replace("gate.example/evidence", "other.example"),
      text.replace("\\n300\\n", "\\n301\\n"),
      text.replace('"size": 300', '"size": 556'),
      text.replace('"size": 300', '"size": -1'),
      text.replace('"size": 300', '"size": "300"'),
      text.replace('"levels": [', '"levels": [ 1,'),
      text.replace('"verified"', '"unverified"'),
      text.replace('"head"', '"fork"'),
    ]) {
      expect(changed).not.toBe(text);
      expect(read(changed)).toBeUndefined();
    }
  });

  it("when it claims a fork that it cannot prove", async () => {
    const one = signedCheckpoint(served(300).head);
    const [head, note] = [Buffer.from(one.note).toString(), Buffer.from(one.note).toString()];
    const claim = (fork: object) =>
      parseAuditState(
        crypto,
        JSON.stringify({ version: 1, origin: identity.origin, fork, verified: { size: 0, levels: [] } }),
        identity,
      );
    expect(claim({ kind: "two-roots", one: head, other: note })).toBeUndefined();
    expect(claim({ kind: "impossible-root", signed: note })).toBeUndefined();
    expect(claim({ kind: "other-history", smaller: head, larger: note, history: [] })).toBeUndefined();
    expect(claim({ kind: "other-history", smaller: head, larger: note, history: ["?"] })).toBeUndefined();
    expect(claim({ kind: "something" })).toBeUndefined();
  });
});
