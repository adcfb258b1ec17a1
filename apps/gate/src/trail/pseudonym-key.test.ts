import { fromHex, toHex } from "@menshen/crypto/node";
import { expect, test } from "vitest";
import {
  astrayPseudonymKey,
  counterOffset,
  isPreferred,
  namedPseudonymKey,
  type PseudonymKey,
  pseudonymKeyId,
  pseudonymOf,
  ratchetTo,
} from "./pseudonym-key.ts";

// Expected values by a separate program (Python, hmac and hashlib) from docs/protocol/gate-link.md.
const key = fromHex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
const credentialKey = fromHex("505152535455565758595a5b5c5d5e5f");
const start: PseudonymKey = { generation: 1, epoch: 3, key };

test("names, pseudonyms and offsets are those of the protocol", () => {
  expect(toHex(pseudonymKeyId(key))).toBe("c1353d6825e5e0ad");
  expect(toHex(pseudonymOf(key, credentialKey))).toBe("24ff357dff30b8e3727b468593a0838d");
  expect(counterOffset(key, credentialKey)).toBe(633_628_072_341);
});

test("an entry that is named has a key of its own", () => {
  expect(toHex(namedPseudonymKey(key, fromHex("12b9c68bd4637385")))).toBe(
    "96d2cb72138605b5095347c4e314136fbea6fb07546a332429c99110932e148b",
  );
});

test("a lost card's refused use has a key of its own", () => {
  const lost = astrayPseudonymKey(key);
  expect(toHex(lost)).toBe("2d1d0ad8459a3273a626f70e1ef566c092decaf787e122af332f6cdf0accc068");
  expect(toHex(pseudonymOf(lost, credentialKey))).toBe("a56c3551fa986d3b03c76aa98f22a004");
  expect(toHex(pseudonymKeyId(lost))).toBe("34a91949c5edaac8");
});

test("a key is brought forward epoch by epoch, and never back", () => {
  expect(toHex(ratchetTo(start, 4).key)).toBe(
    "ca8ccec38c6f5ad97ef7b6b948b1b1e0de93c34da9d65808cecff0532cb35ad5",
  );
  expect(ratchetTo(start, 5)).toEqual({
    generation: 1,
    epoch: 5,
    key: fromHex("adc3ce924a95c79f9fc645ee0847827d83199343d3adb3d567d2effd801765d1"),
  });
  expect(ratchetTo(start, 2)).toEqual(start);
});

test("of two keys all gates prefer the same", () => {
  const other: PseudonymKey = { generation: 1, epoch: 5, key: fromHex("ff".repeat(32)) };
  expect(isPreferred(start, other)).toBe(!isPreferred(other, start));
  expect(isPreferred({ ...start, generation: 2 }, other)).toBe(true);
  expect(isPreferred(other, { ...start, generation: 2 })).toBe(false);
  expect(isPreferred(start, ratchetTo(start, 5))).toBe(false);
  expect(isPreferred(ratchetTo(start, 5), start)).toBe(false);
});
