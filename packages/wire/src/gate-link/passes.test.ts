import { describe, expect, it } from "vitest";
import { isTokenKeyStatement, tokenKeyStatement } from "./passes.ts";

const issue = { keyId: "0011223344556677", doorGroup: 3, from: 1_000, until: 2_000, quota: 40 };
const text =
  '{"at":900,"doorGroup":3,"from":1000,"keyId":"0011223344556677","quota":40,"topic":"token-key-issued","until":2000}';

describe("the statement of a token key", () => {
  it("is canonical JSON of what the key is for", () => {
    expect(tokenKeyStatement(issue, 900)).toBe(text);
    expect(isTokenKeyStatement(text, issue)).toBe(true);
  });

  it.each([
    ["another key", { keyId: "0011223344556678" }],
    ["another group", { doorGroup: 4 }],
    ["a day that begins earlier", { from: 999 }],
    ["a day that ends later", { until: 2_001 }],
    ["a larger quota", { quota: 41 }],
  ])("does not stand for %s", (_what, change) => {
    expect(isTokenKeyStatement(text, { ...issue, ...change })).toBe(false);
  });

  it.each([
    ["no JSON", "{"],
    ["a list", "[]"],
    ["text", '"at"'],
    ["no time", '{"doorGroup":3}'],
    ["a time that is text", text.replace("900", '"900"')],
    ["another topic", text.replace("issued", "ended")],
    ["a name more", text.replace("{", '{"a":1,')],
    ["blanks", `${text} `],
  ])("is none: %s", (_what, other) => {
    expect(isTokenKeyStatement(other, issue)).toBe(false);
  });
});
