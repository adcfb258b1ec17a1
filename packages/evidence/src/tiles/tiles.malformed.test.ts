import { describe, expect, it } from "vitest";
import { sha256 } from "../evidence.fixture.ts";
import { encodeEntryBundle, parseEntryBundle } from "./entry-bundle.ts";
import { parseTilePath, tileInTree, tilePath } from "./tile.ts";
import { appendLeaves, EMPTY_EDGE } from "./tree-edge.ts";

describe("a tile path is refused:", () => {
  it.each([
    ["empty", ""],
    ["cut off", "tile/0"],
    ["a slash before", "/tile/0/000"],
    ["a slash behind", "tile/0/000/"],
    ["a newline behind", "tile/0/000\n"],
    ["climbing", "tile/0/../000"],
    ["level with a leading zero", "tile/00/000"],
    ["level 64", "tile/64/000"],
    ["level below nothing", "tile/-1/000"],
    ["another kind", "tile/data/000"],
    ["index too short", "tile/0/00"],
    ["index too long", "tile/0/0000"],
    ["index without its x", "tile/0/001/234"],
    ["x on the last element", "tile/0/x001"],
    ["capital x", "tile/0/X001/234"],
    ["leading zero elements", "tile/0/x000/001"],
    ["index above 2^53", "tile/0/x009/x007/x199/x254/x740/992"],
    ["too many elements", "tile/0/x001/x001/x001/x001/x001/x001/001"],
    ["width 0", "tile/0/000.p/0"],
    ["width 256", "tile/0/000.p/256"],
    ["width with a leading zero", "tile/0/000.p/012"],
    ["width missing", "tile/0/000.p/"],
    ["digits of another script", "tile/0/٠٠٠"],
  ])("%s", (_why, path) => {
    expect(parseTilePath(path)).toBeUndefined();
  });
});

it("the largest index has a path", () => {
  const path = "tile/63/x009/x007/x199/x254/x740/991.p/255";
  expect(parseTilePath(path)).toEqual({ level: 63, index: 2 ** 53 - 1, width: 255 });
});

it("a tile that cannot be has no path", () => {
  for (const tile of [
    { level: 64, index: 0, width: 256 },
    { level: -1, index: 0, width: 256 },
    { level: 0, index: -1, width: 256 },
    { level: 0, index: 0.5, width: 256 },
    { level: 0, index: 0, width: 0 },
    { level: 0, index: 0, width: 257 },
  ]) {
    expect(() => tilePath(tile)).toThrow(expect.objectContaining({ code: "outside-tree" }));
  }
});

it("a tree has no tile beyond its leaves", () => {
  expect(tileInTree(0, 0, 0)).toBeUndefined();
  expect(tileInTree(0, 1, 256)).toBeUndefined();
  expect(tileInTree(1, 0, 255)).toBeUndefined();
  expect(tileInTree(0, -1, 256)).toBeUndefined();
  expect(tileInTree(0.5, 0, 256)).toBeUndefined();
  expect(tileInTree("entries", 1, 257)).toEqual({ level: "entries", index: 1, width: 1 });
  expect(() => tileInTree(0, 0, 2 ** 53)).toThrow(expect.objectContaining({ code: "outside-tree" }));
});

describe("a bundle of entries is refused:", () => {
  it.each([
    ["empty", []],
    ["half a length", [0]],
    ["length without entry", [0, 1]],
    ["entry cut off", [0, 3, 1, 2]],
    ["a byte behind", [0, 1, 7, 0]],
    ["257 entries", Array.from({ length: 514 }, () => 0)],
  ])("%s", (_why, bundle) => {
    expect(parseEntryBundle(Uint8Array.from(bundle))).toBeUndefined();
  });
});

it("empty and longest entries fit", () => {
  const entries = [new Uint8Array(), new Uint8Array(65_535).fill(9), Uint8Array.of(1)];
  expect(parseEntryBundle(encodeEntryBundle(entries))).toEqual(entries);
});

it("what no bundle or tile can hold is the caller's fault", () => {
  for (const fault of [
    () => encodeEntryBundle([]),
    () => encodeEntryBundle(Array.from({ length: 257 }, () => new Uint8Array())),
    () => encodeEntryBundle([new Uint8Array(65_536)]),
    () => appendLeaves(sha256, EMPTY_EDGE, [new Uint8Array(31)]),
  ]) {
    expect(fault).toThrow(expect.objectContaining({ code: "bad-length" }));
  }
});
