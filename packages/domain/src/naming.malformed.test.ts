import { expect, test } from "vitest";
import { canonicalJson } from "./canonical-json.ts";
import { parseNamingStatement } from "./naming.ts";

const AT = 1_795_334_400_000;
const DAY_MS = 86_400_000;
const everyone = {
  topic: "naming-decided",
  at: AT,
  scope: "everyone",
  from: AT + 7 * DAY_MS,
  until: AT + 373 * DAY_MS,
};

test("a year is the most", () => {
  expect(parseNamingStatement(canonicalJson(everyone))).toBeDefined();
});

test.each<[string, string]>([
  ["no JSON", "{"],
  ["another spelling", ` ${canonicalJson(everyone)}`],
  ["a list", "[]"],
  ["a number", "7"],
  ["another topic", canonicalJson({ ...everyone, topic: "settings-changed" })],
  ["nobody", canonicalJson({ ...everyone, scope: "nobody" })],
  ["no time of its own", canonicalJson({ ...everyone, at: "now" })],
  ["no start", canonicalJson({ ...everyone, from: false })],
  ["an end that is a text", canonicalJson({ ...everyone, until: "never" })],
  ["an end at its start", canonicalJson({ ...everyone, until: everyone.from })],
  ["a day more than a year", canonicalJson({ ...everyone, until: everyone.until + 1 })],
  [
    "everyone without an end",
    canonicalJson({ topic: "naming-decided", at: AT, scope: "everyone", from: everyone.from }),
  ],
])("%s is no decision", (_what, text) => {
  expect(parseNamingStatement(text)).toBeUndefined();
});
