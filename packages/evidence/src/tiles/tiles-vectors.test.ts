import { describe, expect, it } from "vitest";
import { bytes, crypto, sha256, storedLog, vectors } from "../evidence.fixture.ts";
import { naiveLeaves } from "../naive-tree.fixture.ts";
import { encodeEntryBundle, parseEntryBundle } from "./entry-bundle.ts";
import { edgeTiles, parseTilePath, tileInTree, tilePath } from "./tile.ts";
import { appendLeaves, EMPTY_EDGE, readEdge, rootOfEdge } from "./tree-edge.ts";

const { toHex } = crypto;
const { tiles_70000: known } = vectors;
const log = storedLog(70_000, 9_973);

describe("a log of 70,000 entries", () => {
  it("has the known tiles, whatever the steps in which it grew", () => {
    expect(known.tile_files).toHaveLength(6);
    for (const { path, width, sha256: expected } of known.tile_files) {
      const content = log.tiles.get(path) ?? new Uint8Array();
      expect([path, content.length / 32, toHex(sha256(content))]).toEqual([path, width, expected]);
      expect(parseTilePath(path)?.width).toBe(width);
    }
  });

  it("has the known roots at every known size", () => {
    const leaves = naiveLeaves(70_000);
    let edge = EMPTY_EDGE;
    const roots = Object.keys(known.root_by_size_hex)
      .map(Number)
      .sort((a, b) => a - b)
      .map((size) => {
        edge = appendLeaves(sha256, edge, leaves.slice(edge.size, size)).edge;
        return [String(size), toHex(rootOfEdge(sha256, edge))];
      });
    expect(Object.fromEntries(roots)).toEqual(known.root_by_size_hex);
  });

  it("has as many full tiles, and partial ones as wide, as the specification says", () => {
    expect(edgeTiles(70_000).map(tilePath)).toEqual([
      "tile/0/273.p/112",
      "tile/1/001.p/17",
      "tile/2/000.p/1",
    ]);
    const full = known.levels.map(({ full: count }) => count);
    const counted = [0, 1, 2].map(
      (level) =>
        Array.from({ length: 300 }, (_, n) => tileInTree(level, n, 70_000)).filter((t) => t?.width === 256)
          .length,
    );
    expect(counted).toEqual(full);
    expect(edgeTiles(256).map(tilePath)).toEqual(["tile/1/000.p/1"]);
    expect(edgeTiles(0)).toEqual([]);
  });

  it("has the known bundles of entries", () => {
    for (const { path, sha256: expected, bytes: sizeBytes } of known.entry_bundles) {
      const tile = parseTilePath(path);
      const first = (tile?.index ?? 0) * 256;
      const entries = Array.from({ length: tile?.width ?? 0 }, (_, i) => bytes(String(first + i)));
      const bundle = encodeEntryBundle(entries);
      expect([bundle.length, toHex(sha256(bundle))]).toEqual([sizeBytes, expected]);
      expect(parseEntryBundle(bundle)).toEqual(entries);
    }
  });

  it("stores with each leaf the tiles that it fills and those that it changes", () => {
    const leaves = naiveLeaves(65_537);
    const stored = (from: number, to: number) => {
      const { edge } = appendLeaves(sha256, EMPTY_EDGE, leaves.slice(0, from));
      return appendLeaves(sha256, edge, leaves.slice(from, to)).tiles.map(({ tile }) => tilePath(tile));
    };
    expect(stored(0, 0)).toEqual([]);
    expect(stored(0, 1)).toEqual(["tile/0/000.p/1"]);
    expect(stored(255, 256)).toEqual(["tile/0/000", "tile/1/000.p/1"]);
    expect(stored(65_535, 65_536)).toEqual(["tile/0/255", "tile/1/000", "tile/2/000.p/1"]);
    expect(stored(65_535, 65_537)).toEqual(["tile/0/255", "tile/0/256.p/1", "tile/1/000", "tile/2/000.p/1"]);
  });

  it("is taken up again from its tiles", async () => {
    expect(await readEdge(sha256, log.source, log.head)).toEqual({ read: true, edge: log.edge });
  });
});

it("paths are the known ones, both ways", () => {
  expect(known.path_encoding).toHaveLength(4);
  for (const { n, path } of known.path_encoding) {
    expect(tilePath({ level: 5, index: n, width: 256 })).toBe(`tile/5/${path}`);
    expect(parseTilePath(`tile/5/${path}`)).toEqual({ level: 5, index: n, width: 256 });
    expect(parseTilePath(`tile/entries/${path}.p/7`)).toEqual({ level: "entries", index: n, width: 7 });
  }
});
