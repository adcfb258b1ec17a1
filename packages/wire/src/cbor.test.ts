import { describe, expect, it } from "vitest";
import { decodeCbor, encodeCbor } from "./cbor.ts";
import { fromHex, toHex } from "./gate-link/vectors.fixture.ts";

const decode = (hex: string) => decodeCbor(fromHex(hex), 1_000);

describe("CBOR", () => {
  // RFC 8949 Appendix A, as far as messages use it.
  it.each([
    ["00", 0],
    ["17", 23],
    ["1818", 24],
    ["18ff", 255],
    ["1903e8", 1_000],
    ["1a000f4240", 1_000_000],
    ["1b000000e8d4a51000", 1_000_000_000_000],
    ["1b001fffffffffffff", Number.MAX_SAFE_INTEGER],
    ["20", -1],
    ["3903e7", -1_000],
    ["3b001ffffffffffffe", Number.MIN_SAFE_INTEGER],
    ["f4", false],
    ["f5", true],
    ["40", new Uint8Array()],
    ["4401020304", Uint8Array.from([1, 2, 3, 4])],
    ["60", ""],
    ["6449455446", "IETF"],
    ["63e6b0b4", "水"],
    ["80", []],
    ["8301820203820405", [1, [2, 3], [4, 5]]],
    ["a0", new Map()],
    [
      "a201020304",
      new Map([
        [1, 2],
        [3, 4],
      ]),
    ],
    [
      "a3010220036161f4",
      new Map<unknown, unknown>([
        [1, 2],
        [-1, 3],
        ["a", false],
      ]),
    ],
  ])("%s", (hex, value) => {
    expect(decode(hex)).toEqual(value);
    expect(toHex(encodeCbor(value as Parameters<typeof encodeCbor>[0]))).toBe(hex);
  });
});
