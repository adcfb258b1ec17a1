import * as browser from "@menshen/crypto";
import { describe, expect, it } from "vitest";
import { bytes, crypto } from "./evidence.fixture.ts";
import { commitLeaf, encodeLeaf, leafSalt, opensLeaf, parseLeaf } from "./leaf-commitment.ts";

const { fromHex, toHex } = crypto;
const saltKey = fromHex("01".repeat(32));
const leafId = fromHex("02".repeat(16));
const salt = fromHex("03".repeat(32));
const statement = bytes("card 7 was issued to dwelling 3-201");
const leaf = commitLeaf(crypto, salt, "credential-issued", statement);

// Computed once with Python's hmac and hashlib, from the words of docs/protocol/evidence-log.md.
it("commitment and salt have the values that the specification gives", () => {
  expect(toHex(leaf.commitment)).toBe("ee683be32bf3299991ddc8df980e55909d7a8af40db5dc1c1f149de7ec4e6126");
  expect(toHex(leafSalt(crypto, saltKey, leafId))).toBe(
    "8239186e3f7e3aabc0e040ef2c17b258b5c8846493ee99d438f4e00597fa7ced",
  );
});

it("browser and server agree", () => {
  expect(commitLeaf(browser, salt, "credential-issued", statement)).toEqual(leaf);
  expect(leafSalt(browser, saltKey, leafId)).toEqual(leafSalt(crypto, saltKey, leafId));
  expect(opensLeaf(browser, leaf, salt, statement)).toBe(true);
});

it("the entry is version, length, topic and commitment", () => {
  expect(toHex(encodeLeaf(leaf))).toBe(
    `0111${Buffer.from("credential-issued").toString("hex")}${toHex(leaf.commitment)}`,
  );
  expect(parseLeaf(encodeLeaf(leaf))).toEqual({ parsed: true, leaf });
});

it("a tag stands behind the commitment, under a version of its own", () => {
  const tagged = { ...leaf, tag: fromHex("0f".repeat(16)) };
  expect(toHex(encodeLeaf(tagged))).toBe(
    `0211${Buffer.from("credential-issued").toString("hex")}${toHex(leaf.commitment)}${"0f".repeat(16)}`,
  );
  expect(parseLeaf(encodeLeaf(tagged))).toEqual({ parsed: true, leaf: tagged });
  expect(opensLeaf(crypto, tagged, salt, statement)).toBe(true);
});

describe("a leaf opens", () => {
  it("with its salt and statement", () => {
    expect(opensLeaf(crypto, leaf, salt, statement)).toBe(true);
  });

  it("with nothing else", () => {
    expect(opensLeaf(crypto, leaf, fromHex(`${"03".repeat(31)}04`), statement)).toBe(false);
    expect(opensLeaf(crypto, leaf, salt, bytes("card 8 was issued to dwelling 3-201"))).toBe(false);
    expect(opensLeaf(crypto, { ...leaf, topic: "credential-ended" }, salt, statement)).toBe(false);
    expect(opensLeaf(crypto, { ...leaf, topic: "" }, salt, statement)).toBe(false);
    expect(opensLeaf(crypto, { ...leaf, commitment: leaf.commitment.subarray(1) }, salt, statement)).toBe(
      false,
    );
    // A salt with zeros behind it is the same HMAC key, so its length is part of what is checked.
    expect(opensLeaf(crypto, leaf, fromHex(`${"03".repeat(32)}00`), statement)).toBe(false);
  });
});

it("one salt key gives every leaf a salt of its own", () => {
  const ids = Array.from({ length: 50 }, (_, i) => fromHex(i.toString(16).padStart(32, "0")));
  const salts = new Set(ids.map((id) => toHex(leafSalt(crypto, saltKey, id))));
  expect(salts.size).toBe(50);
});

it("what cannot be a salt, a topic or a commitment is the caller's fault", () => {
  const short = new Uint8Array(31);
  const faults = [
    () => leafSalt(crypto, short, leafId),
    () => leafSalt(crypto, saltKey, short),
    () => commitLeaf(crypto, short, "a", statement),
    () => encodeLeaf({ topic: "a", commitment: short }),
    () => encodeLeaf({ ...leaf, tag: short }),
    ...["", "A", "1a", "-a", "a b", "a\n", "ä", "a".repeat(65)].flatMap((topic) => [
      () => commitLeaf(crypto, salt, topic, statement),
      () => encodeLeaf({ topic, commitment: salt }),
    ]),
  ];
  expect(faults).toHaveLength(21);
  for (const fault of faults) {
    expect(fault).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^(bad-length|invalid-topic)$/) }),
    );
  }
});
