import { fromHex, randomBytes, toHex, voprfBlind, voprfEvaluate, voprfKeysOf } from "@menshen/crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import vectors from "../../vectors/city-link.json" with { type: "json" };
import { communityRequests } from "./community-requests.ts";
import { askAboutNumber, batchPrefixOf, isCardNumber, tagsOf } from "./numbers.ts";
import { weekOf, weeksBefore } from "./weeks.ts";

const keys = voprfKeysOf(fromHex(vectors.secretKey));

test("numbers become the tags that the protocol prints", () => {
  expect(toHex(keys.publicKey)).toBe(vectors.publicKey);
  expect(vectors.numbers.length).toBeGreaterThan(2);
  for (const { number, input, batchPrefix, tag } of vectors.numbers) {
    const question = askAboutNumber(fromHex(number), randomBytes);
    expect(toHex(question.input)).toBe(input);
    expect(batchPrefixOf(fromHex(number))).toBe(batchPrefix);
    const answer = voprfEvaluate(keys, [question.blinded], randomBytes);
    expect(answer && tagsOf(keys.publicKey, [question], answer)).toEqual([tag]);
  }
});

test("an answer about another question, or under another key, is none", () => {
  const question = askAboutNumber(fromHex("04a1b2c3"), randomBytes);
  const other = voprfBlind(new Uint8Array([1]), randomBytes);
  const answer = voprfEvaluate(keys, [other.blinded], randomBytes);
  expect(answer && tagsOf(keys.publicKey, [question], answer)).toBeUndefined();
});

test("what is no card's number is asked about by nobody", () => {
  for (const bytes of [0, 3, 11, 64]) {
    expect(isCardNumber(new Uint8Array(bytes))).toBe(false);
    expect(() => askAboutNumber(new Uint8Array(bytes), randomBytes)).toThrow(RangeError);
    expect(() => batchPrefixOf(new Uint8Array(bytes))).toThrow(RangeError);
  }
});

test("a week is its Monday, whatever the hour", () => {
  expect(weekOf(Date.parse("2026-11-23T00:00:00Z"))).toBe("2026-11-23");
  expect(weekOf(Date.parse("2026-11-29T23:59:59.999Z"))).toBe("2026-11-23");
  expect(weekOf(0)).toBe("1969-12-29");
  expect(weeksBefore("2026-11-23", 4)).toBe("2026-10-26");
  for (const bad of ["2026-11-24", "2026-13-01", "", "2026-11-23T00:00:00Z"]) {
    expect(weeksBefore(bad, 0), bad).toBeUndefined();
  }
  const moments = fc.integer({ min: 0, max: 4_102_444_800_000 });
  fc.assert(
    fc.property(moments, (at) => {
      expect(weeksBefore(weekOf(at), 0)).toBe(weekOf(at));
    }),
  );
});

test("a request is signed as the protocol prints it", () => {
  const { method, path, body, secretKey, timeMs, nonce, authorization } = vectors.request;
  const parts = { method, path, body: new TextEncoder().encode(body) };
  const signed = { ...parts, secretKey: fromHex(secretKey), timeMs, nonce: fromHex(nonce) };
  expect(communityRequests.authorize(signed)).toBe(authorization);
  const read = communityRequests.parse(authorization);
  expect(read && communityRequests.verify(read, parts, timeMs + 120_000)).toBe("valid");
  expect(read && communityRequests.verify(read, parts, timeMs + 120_001)).toBe("wrong-time");
  expect(read && communityRequests.verify(read, { ...parts, method: "GET" }, timeMs)).toBe("bad-signature");
});

test("no text is read as a signature that was not written as one", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(communityRequests.parse(text)).toBeUndefined();
    }),
  );
});
