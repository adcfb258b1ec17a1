import { expect, test } from "vitest";
import { canonicalJson, parseCanonicalJson } from "./canonical-json.ts";

const STATEMENT = {
  topic: "hold-placed",
  at: 1_795_392_000_000,
  gates: ["b", "a"],
  paper: { no: "京-7", ok: true },
};
const TEXT = '{"at":1795392000000,"gates":["b","a"],"paper":{"no":"京-7","ok":true},"topic":"hold-placed"}';

test("names are sorted at every level, arrays keep their order, nothing stands between", () => {
  expect(canonicalJson(STATEMENT)).toBe(TEXT);
  expect(parseCanonicalJson(TEXT)).toEqual(STATEMENT);
});

// RFC 8785 §3.2.3: the example's names, in the order that the RFC gives for them.
test("names are sorted by UTF-16 code units", () => {
  const names = ["\u20ac", "\r", "\ufb33", "1", "\u{1f600}", "\u0080", "\u00f6"];
  const value = Object.fromEntries(names.map((name, index) => [name, index]));
  expect(canonicalJson(value)).toBe(
    '{"\\r":1,"1":3,"\u0080":5,"\u00f6":6,"\u20ac":0,"\u{1f600}":4,"\ufb33":2}',
  );
});

// RFC 8785 §3.2.2.2
test("strings escape what must be escaped, in one way", () => {
  const text = "\u20ac$\u000f\nA'\u0042\u0022\u005c\\\"/";
  expect(canonicalJson(text)).toBe('"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"');
  expect(parseCanonicalJson(canonicalJson(text))).toBe(text);
});

test("the largest whole numbers", () => {
  expect(canonicalJson([9_007_199_254_740_991, -9_007_199_254_740_991, 0])).toBe(
    "[9007199254740991,-9007199254740991,0]",
  );
});

test("a member named like a prototype is a member", () => {
  const text = '{"__proto__":{"a":1}}';
  expect(canonicalJson(parseCanonicalJson(text))).toBe(text);
});
