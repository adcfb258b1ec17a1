import fc from "fast-check";
import { expect, it } from "vitest";
import { encodeEntryBundle, parseEntryBundle } from "./entry-bundle.ts";
import { parseTilePath, tilePath } from "./tile.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 300);
/** Hostile input is what needs many runs. */
const roundTripRuns = Math.ceil(numRuns / 8);

const tiles = fc.record({
  level: fc.oneof(fc.constant("entries" as const), fc.nat(63)),
  index: fc.maxSafeNat(),
  width: fc.integer({ min: 1, max: 256 }),
});

it("every tile's path leads back to it", () => {
  fc.assert(
    fc.property(tiles, (tile) => {
      expect(parseTilePath(tilePath(tile))).toEqual(tile);
    }),
    { numRuns: roundTripRuns },
  );
});

it("a text is refused or is the one path of its tile", () => {
  const likePaths = fc.stringMatching(/^tile\/(entries|\d{1,2})\/(x?\d{1,4}\/){0,3}\d{1,4}(\.p\/\d{0,3})?$/);
  fc.assert(
    fc.property(fc.oneof(fc.string(), likePaths), (text) => {
      const tile = parseTilePath(text);
      if (tile !== undefined) expect(tilePath(tile)).toBe(text);
    }),
    { numRuns },
  );
});

it("a bundle is refused or is the one encoding of its entries", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (bundle) => {
      const sparse = bundle.map((byte, i) => (i % 2 === 0 ? 0 : byte % 8));
      for (const candidate of [bundle, sparse]) {
        const entries = parseEntryBundle(candidate);
        if (entries !== undefined) expect(encodeEntryBundle(entries)).toEqual(candidate);
      }
    }),
    { numRuns },
  );
});

it("entries come back from their bundle", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 256 }), (entries) => {
      expect(parseEntryBundle(encodeEntryBundle(entries))).toEqual(entries);
    }),
    { numRuns: roundTripRuns },
  );
});
