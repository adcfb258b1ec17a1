import { expect, test } from "vitest";
import { canonicalJson, parseCanonicalJson } from "./canonical-json.ts";

test.each([
  ["empty", "", "malformed"],
  ["truncated", '{"a":1', "malformed"],
  ["trailing bytes", '{"a":1}x', "malformed"],
  ["two values", "1 2", "malformed"],
  ["a byte order mark", "\ufeff1", "malformed"],
  ["a comment", '{"a":1/**/}', "malformed"],
  ["a leading zero", "01", "malformed"],
  ["NaN", "NaN", "malformed"],
  ["single quotes", "{'a':1}", "malformed"],
  ["a raw line feed in a string", '"a\nb"', "malformed"],
  ["a blank before", " 1", "not-canonical"],
  ["a line feed behind", "1\n", "not-canonical"],
  ["blanks between", '{"a": 1}', "not-canonical"],
  ["names not sorted", '{"b":1,"a":2}', "not-canonical"],
  ["names not sorted below", '[{"b":1,"a":2}]', "not-canonical"],
  ["a name twice", '{"a":1,"a":1}', "not-canonical"],
  ["a name twice, spelled differently", '{"a":1,"\\u0061":1}', "not-canonical"],
  ["an exponent", "1e2", "not-canonical"],
  ["a fraction that is whole", "1.0", "not-canonical"],
  ["an escape that is not needed", '"\\u0041"', "not-canonical"],
  ["an escaped slash", '"\\/"', "not-canonical"],
  ["a long form of a short escape", '"\\u000a"', "not-canonical"],
  ["capital hexadecimal digits", '"\\u000F"', "not-canonical"],
  ["an escaped surrogate pair", '"\\ud83d\\ude00"', "not-canonical"],
  ["a fraction", "1.5", "invalid-value"],
  ["minus zero", "-0", "invalid-value"],
  ["a number beyond 2^53", "9007199254740993", "invalid-value"],
  ["a number beyond any", "1e999", "invalid-value"],
  ["null", "null", "invalid-value"],
  ["null inside", '{"a":null}', "invalid-value"],
  ["a lone surrogate", '"\\ud83d"', "invalid-value"],
  ["a lone surrogate as a name", '{"\\ud83d":1}', "invalid-value"],
  ["33 levels", `${"[".repeat(33)}${"]".repeat(33)}`, "invalid-value"],
  ["30,000 levels", `${"[".repeat(30_000)}${"]".repeat(30_000)}`, "invalid-value"],
  ["too many characters", `"${"a".repeat(65_535)}"`, "too-large"],
])("%s is refused", (_, text, code) => {
  expect(() => parseCanonicalJson(text)).toThrow(expect.objectContaining({ name: "DomainError", code }));
});

test("a refusal does not quote what it refuses", () => {
  expect(() => parseCanonicalJson('{"name":"secret"')).toThrow("statement: expected JSON");
});

test("whoever reads more says so", () => {
  const text = `"${"a".repeat(65_535)}"`;
  expect(parseCanonicalJson(text, 70_000)).toHaveLength(65_535);
});

test.each([
  ["a fraction", 0.1],
  ["infinity", Number.POSITIVE_INFINITY],
  ["a number that is none", Number.NaN],
  ["minus zero", -0],
  ["a lone surrogate", "\udc00"],
])("%s is not written", (_, value) => {
  expect(() => canonicalJson({ value })).toThrow(expect.objectContaining({ code: "invalid-value" }));
});
