import { describe, expect, it } from "vitest";
import * as browserModule from "./index.ts";
import * as nodeModule from "./node/index.ts";

const { fromHex, toHex } = nodeModule;
// RFC 6979 A.2.5; y is odd.
const whole = fromHex(
  "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299",
);
const compressed = "0360fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6";

describe.each([
  ["browser", browserModule],
  ["node", nodeModule],
])("P-256 points of the %s module", (_name, { isP256Point, p256Compress, p256Decompress }) => {
  it("are compressed and come back", () => {
    expect(toHex(p256Compress(whole))).toBe(compressed);
    expect(p256Decompress(fromHex(compressed))).toEqual(whole);
    expect(isP256Point(whole)).toBe(true);
    expect(() => p256Compress(whole.subarray(1))).toThrow(expect.objectContaining({ code: "bad-length" }));
  });

  it("are refused off the curve and in other forms", () => {
    const off = whole.slice();
    off[64] = (off[64] ?? 0) ^ 1;
    for (const bytes of [off, fromHex(compressed), new Uint8Array(65), new Uint8Array(), whole.subarray(1)]) {
      expect(isP256Point(bytes)).toBe(false);
    }
    const noRoot = `02${"00".repeat(31)}01`;
    for (const hex of [noRoot, `04${compressed.slice(2)}`, `02${"ff".repeat(32)}`, "02", ""]) {
      expect(p256Decompress(fromHex(hex))).toBeUndefined();
    }
    expect(p256Decompress(whole)).toBeUndefined();
  });
});
