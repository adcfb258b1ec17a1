import { describe, expect, it } from "vitest";
import * as browserModule from "./index.ts";
import * as nodeModule from "./node/index.ts";

const { fromHex, toHex } = nodeModule;

// RFC 5903 §8.1 (256-bit random ECP group).
const ours = {
  secretKey: fromHex("c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433"),
  publicKey: fromHex(
    "04dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c37725811805271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3",
  ),
};
const theirs = {
  secretKey: fromHex("c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53"),
  publicKey: fromHex(
    "04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf6356fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab",
  ),
};
const shared = "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de";

describe.each([
  ["browser", browserModule],
  ["node", nodeModule],
])("P-256 agreement of the %s module", (_name, { p256Agree, sha1 }) => {
  it("finds the secret of RFC 5903 from both sides", () => {
    expect(toHex(p256Agree(ours.secretKey, theirs.publicKey) ?? new Uint8Array())).toBe(shared);
    expect(toHex(p256Agree(theirs.secretKey, ours.publicKey) ?? new Uint8Array())).toBe(shared);
  });

  it("refuses what is no uncompressed point of the curve", () => {
    const offCurve = theirs.publicKey.slice();
    offCurve[64] = (offCurve[64] ?? 0) ^ 1;
    const compressed = Uint8Array.of(3, ...theirs.publicKey.subarray(1, 33));
    const hybrid = Uint8Array.of(7, ...theirs.publicKey.subarray(1));
    for (const publicKey of [offCurve, compressed, hybrid, new Uint8Array(65), Uint8Array.of(0)]) {
      expect(p256Agree(ours.secretKey, publicKey)).toBeUndefined();
    }
    const zeros = new Uint8Array(65);
    zeros[0] = 4;
    expect(p256Agree(ours.secretKey, zeros)).toBeUndefined();
  });

  it("throws for a scalar outside the group", () => {
    for (const secretKey of [new Uint8Array(32), new Uint8Array(32).fill(255)]) {
      expect(() => p256Agree(secretKey, theirs.publicKey)).toThrow(
        expect.objectContaining({ code: "bad-key" }),
      );
    }
  });

  it("computes the SHA-1 of FIPS 180-4", () => {
    expect(toHex(sha1(new TextEncoder().encode("abc")))).toBe("a9993e364706816aba3e25717850c26c9cd0d89d");
    expect(toHex(sha1(new Uint8Array()))).toBe("da39a3ee5e6b4b0d3255bfef95601890afd80709");
  });
});
