import { fromHex, toHex } from "@menshen/crypto/node";
import { expect, test } from "vitest";
import { combineKeyParts, drawKeyPart, keyPart, symmetricCheckValue } from "./ceremony.ts";
import type { KeyShare } from "./key-service.ts";
import { joinShares, parseShare, shareText, splitKey } from "./key-shares.ts";

const KEY = fromHex("2b7e151628aed2a6abf7158809cf4f3c");
const ABOUT = { reference: { name: "card-master-desfire", version: 2 }, use: "diversify" } as const;
const INTO = { threshold: 3, count: 5 };

/** Every choice of that many shares. */
function choices(shares: readonly KeyShare[], size: number): readonly (readonly KeyShare[])[] {
  if (size === 0) return [[]];
  return shares.flatMap((share, index) =>
    choices(shares.slice(index + 1), size - 1).map((rest) => [share, ...rest]),
  );
}

test("every choice of three of five gives the key, none of two does", async () => {
  const shares = await splitKey(KEY, ABOUT, INTO);
  for (const chosen of choices(shares, 3)) expect(await joinShares(chosen)).toEqual(KEY);
  expect(await joinShares(shares)).toEqual(KEY);
  for (const chosen of choices(shares, 2)) {
    await expect(joinShares(chosen)).rejects.toMatchObject({ code: "shares-insufficient" });
    // Two shares that say they are enough still do not give it.
    const lying = chosen.map((share) => ({ ...share, threshold: 2 }));
    await expect(joinShares(lying)).rejects.toMatchObject({ code: "shares-wrong" });
  }
});

test("shares of another key, a share that stands twice and a share with a slip are noticed", async () => {
  const [first, second, third] = await splitKey(KEY, ABOUT, INTO);
  const [other] = await splitKey(new Uint8Array(16).fill(1), ABOUT, INTO);
  if (first === undefined || second === undefined || third === undefined || other === undefined)
    throw new Error();
  await expect(joinShares([])).rejects.toMatchObject({ code: "shares-insufficient" });
  await expect(joinShares([first, second, other])).rejects.toMatchObject({ code: "shares-insufficient" });
  await expect(joinShares([first, second, second])).rejects.toMatchObject({ code: "shares-insufficient" });
  const slipped = { ...third, value: third.value.map((byte, index) => (index === 4 ? byte ^ 1 : byte)) };
  await expect(joinShares([first, second, slipped])).rejects.toMatchObject({ code: "shares-wrong" });
});

test("a share is one line to keep, and comes back from it", async () => {
  const [share] = await splitKey(KEY, ABOUT, INTO);
  if (share === undefined) throw new Error("expected a share");
  const line = shareText(share);
  expect(line).toMatch(
    /^menshen-key-share-1 card-master-desfire v2 diversify 3-of-5 [0-9a-f]{6} [0-9a-f]{34} [0-9a-f]{8}$/,
  );
  expect(parseShare(line)).toEqual(share);
  expect(parseShare(`  ${line.toUpperCase()}\n`)).toEqual(share);
});

test.each([
  { threshold: 1, count: 3 },
  { threshold: 4, count: 3 },
  { threshold: 2, count: 17 },
  { threshold: 2.5, count: 3 },
])("a key is not split $threshold of $count", async (into) => {
  await expect(splitKey(KEY, ABOUT, into)).rejects.toMatchObject({ code: "bad-argument" });
});

test("two persons' parts give a key that neither knows; the check values are those of CMAC", () => {
  const first = keyPart(fromHex("00112233445566778899aabbccddeeff"));
  const second = keyPart(fromHex("0f0e0d0c0b0a09080706050403020100"));
  expect(toHex(combineKeyParts([first, second]))).toBe("0f1f2f3f4f5f6f7f8f9fafbfcfdfefff");
  // First three bytes of AES-CMAC over a zero block under the key of RFC 4493.
  expect(symmetricCheckValue(KEY)).toBe("7ad386");
  expect(first.checkValue).toMatch(/^[0-9a-f]{6}$/);
  const drawn = drawKeyPart((lengthBytes) => new Uint8Array(lengthBytes).fill(7));
  expect(toHex(drawn.value)).toBe("07".repeat(16));
  const bad = expect.objectContaining({ code: "bad-argument" });
  expect(() => combineKeyParts([first])).toThrow(bad);
  expect(() => combineKeyParts([first, second, first])).toThrow(bad);
  expect(() => keyPart(new Uint8Array(15))).toThrow(bad);
});
