import { describe, expect, it } from "vitest";
import { bytes, crypto, sha256, storedLog } from "../evidence.fixture.ts";
import { encodeEntryBundle } from "./entry-bundle.ts";
import { proveConsistency, proveInclusion } from "./prove.ts";
import { readEntries } from "./read-tiles.ts";
import { tilePath } from "./tile.ts";
import { readEdge } from "./tree-edge.ts";

const SIZE = 66_000;
const log = storedLog(SIZE, 1_000);

/** The log with one tile replaced, or gone. */
function withTile(path: string, change: (content: Uint8Array) => Uint8Array | undefined) {
  const source: typeof log.source = async (tile) => {
    const content = await log.source(tile);
    return tilePath(tile) === path && content !== undefined ? change(content) : content;
  };
  return source;
}

const flipped = (place: number) => (content: Uint8Array) => {
  const copy = content.slice();
  copy[place] = (copy[place] ?? 0) ^ 0x10;
  return copy;
};

describe("reading leaf 1000 of 66,000", () => {
  it.each([
    ["tile/0/003", 7_000],
    ["tile/0/003", 8_191],
    ["tile/1/000", 31],
    ["tile/1/000", 8_160],
    ["tile/0/257.p/208", 0],
    ["tile/1/001.p/1", 31],
    ["tile/2/000.p/1", 0],
  ])("notices a flipped bit in %s at byte %i", async (path, place) => {
    const result = await proveInclusion(sha256, withTile(path, flipped(place)), log.head, 1_000);
    expect(result).toMatchObject({ read: false, refusal: "wrong-hash" });
  });

  it("names the full tile that is at fault", async () => {
    const result = await proveInclusion(sha256, withTile("tile/0/003", flipped(0)), log.head, 1_000);
    expect(result).toEqual({ read: false, refusal: "wrong-hash", path: "tile/0/003" });
    // In the tile above, the hash of that tile: the fault lies above.
    const above = await proveInclusion(sha256, withTile("tile/1/000", flipped(3 * 32)), log.head, 1_000);
    expect(above).toEqual({ read: false, refusal: "wrong-hash", path: "tile/1/000" });
  });

  it("asks for the tiles on the way to the root and for no others", async () => {
    const asked: string[] = [];
    const source: typeof log.source = (tile) => {
      asked.push(tilePath(tile));
      return log.source(tile);
    };
    expect(await proveInclusion(sha256, source, log.head, 1_000)).toMatchObject({ read: true });
    expect(asked.sort()).toEqual([
      "tile/0/003",
      "tile/0/257.p/208",
      "tile/1/000",
      "tile/1/001.p/1",
      "tile/2/000.p/1",
    ]);
  });

  it("says which tile is missing or has another length", async () => {
    const path = "tile/1/000";
    expect(
      await proveInclusion(
        sha256,
        withTile(path, () => undefined),
        log.head,
        1_000,
      ),
    ).toEqual({ read: false, refusal: "missing-tile", path });
    for (const change of [
      (content: Uint8Array) => content.subarray(1),
      (content: Uint8Array) => crypto.concatBytes(content, Uint8Array.of(0)),
      () => new Uint8Array(),
    ]) {
      const result = await proveInclusion(sha256, withTile(path, change), log.head, 1_000);
      expect(result).toEqual({ read: false, refusal: "wrong-length", path });
    }
  });

  it("passes the source's fault on", async () => {
    const source = () => Promise.reject(new Error("disk"));
    await expect(proveInclusion(sha256, source, log.head, 1_000)).rejects.toThrow("disk");
  });
});

it("an older head is read from full tiles where its partial ones are gone", async () => {
  const older = storedLog(65_700);
  const source: typeof log.source = async (tile) => (tile.width < 256 ? undefined : log.source(tile));
  // 65,700 leaves end within tile 256 of level 0, which is full by now; level 1 and 2 are partial still.
  const mixed: typeof log.source = async (tile) =>
    tile.level === 0 ? source(tile) : ((await source(tile)) ?? older.source(tile));
  const result = await readEdge(sha256, mixed, older.head);
  expect(result).toEqual({ read: true, edge: older.edge });
  expect(await readEdge(sha256, source, older.head)).toMatchObject({ refusal: "missing-tile" });
});

it("tiles of one log do not serve another head", async () => {
  const head = { size: SIZE, root: storedLog(SIZE - 1).head.root };
  expect(await readEdge(sha256, log.source, head)).toEqual({
    read: false,
    refusal: "wrong-hash",
    path: "tile/2/000.p/1",
  });
  expect(await readEdge(sha256, log.source, { size: 0, root: log.head.root })).toEqual({
    read: false,
    refusal: "wrong-hash",
    path: "checkpoint",
  });
});

it("from nothing and from itself a tree needs no proof", async () => {
  for (const size of [0, SIZE]) {
    expect(await proveConsistency(sha256, log.source, log.head, size)).toEqual({ read: true, proof: [] });
  }
  await expect(proveConsistency(sha256, log.source, log.head, SIZE + 1)).rejects.toMatchObject({
    code: "outside-tree",
  });
});

describe("entries", () => {
  const entriesFrom = (first: number, count: number) =>
    Array.from({ length: count }, (_, i) => bytes(String(first + i)));
  const withBundles = (bundles: Record<string, Uint8Array>): typeof log.source => {
    return async (tile) => (tile.level === "entries" ? bundles[tilePath(tile)] : log.source(tile));
  };
  const read = (bundles: Record<string, Uint8Array>, index: number) =>
    readEntries(sha256, withBundles(bundles), log.head, index);

  it("of a full and a partial bundle are those of the tree", async () => {
    const full = entriesFrom(256, 256);
    expect(await read({ "tile/entries/001": encodeEntryBundle(full) }, 1)).toEqual({
      read: true,
      entries: full,
    });
    const partial = entriesFrom(65_792, 208);
    expect(await read({ "tile/entries/257.p/208": encodeEntryBundle(partial) }, 257)).toEqual({
      read: true,
      entries: partial,
    });
    const grown = encodeEntryBundle(entriesFrom(65_792, 256));
    expect(await read({ "tile/entries/257": grown }, 257)).toEqual({ read: true, entries: partial });
  });

  it("that are missing, too many, too few or others are refused", async () => {
    const path = "tile/entries/257.p/208";
    const refusal = async (entries: Uint8Array[]) => read({ [path]: encodeEntryBundle(entries) }, 257);
    expect(await read({}, 257)).toEqual({ read: false, refusal: "missing-tile", path });
    expect(await refusal(entriesFrom(65_792, 209))).toEqual({ read: false, refusal: "wrong-length", path });
    expect(await refusal(entriesFrom(65_792, 207))).toEqual({ read: false, refusal: "wrong-length", path });
    expect(await refusal(entriesFrom(65_791, 208))).toEqual({ read: false, refusal: "wrong-hash", path });
    await expect(read({}, 258)).rejects.toMatchObject({ code: "outside-tree" });
  });
});
