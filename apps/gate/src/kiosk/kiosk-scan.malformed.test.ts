import { describe, expect, it } from "vitest";
import { parseScan } from "./kiosk-server.ts";

const parse = (text: string) => parseScan(new TextEncoder().encode(text));

it("is a text and nothing else", () => {
  expect(parse('{"text":"MP:A"}')).toEqual({ text: "MP:A" });
  expect(parse(`{"text":"${"x".repeat(1_200)}"}`)).toEqual({ text: "x".repeat(1_200) });
});

describe("refused:", () => {
  it.each([
    ["nothing", ""],
    ["no JSON", "MP:A"],
    ["torn", '{"text":"MP:A"'],
    ["with anything behind it", '{"text":"MP:A"}x'],
    ["a list", '["MP:A"]'],
    ["a text alone", '"MP:A"'],
    ["null", "null"],
    ["a number", '{"text":1}'],
    ["no text", "{}"],
    ["an empty text", '{"text":""}'],
    ["a text too long", `{"text":"${"x".repeat(1_201)}"}`],
    ["a field more", '{"text":"MP:A","readerId":"x"}'],
    ["a prototype", '{"__proto__":{"text":"MP:A"}}'],
    ["deep", `${"[".repeat(4_000)}${"]".repeat(4_000)}`],
  ])("%s", (_what, text) => {
    expect(parse(text)).toBeUndefined();
  });

  it("bytes that are no UTF-8", () => {
    expect(parseScan(Uint8Array.of(0x7b, 0xff, 0x7d))).toBeUndefined();
  });
});
