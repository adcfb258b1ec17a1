import { fromHex, toHex } from "@menshen/crypto";
import { describe, expect, it } from "vitest";
import vectors from "../../vectors/passes.json" with { type: "json" };
import { decodeBase45, encodeBase45 } from "./base45.ts";
import { readPassFragment, readPassText, writePassFragment, writePassText } from "./pass-text.ts";

const ascii = (text: string) => new TextEncoder().encode(text);

describe("base45", () => {
  // RFC 9285 §4.3 and §4.4
  it.each([
    ["AB", "BB8"],
    ["Hello!!", "%69 VD92EX0"],
    ["base-45", "UJCLQE7W581"],
    ["ietf!", "QED8WEX0"],
    ["", ""],
  ])("%s is %s", (plain, text) => {
    expect(encodeBase45(ascii(plain))).toBe(text);
    expect(decodeBase45(text)).toEqual(ascii(plain));
  });

  it.each([
    ["one character left over", "BB8A"],
    ["65,536", "GGW"],
    ["a pair above a byte", "::"],
    ["a triple above two bytes", ":::"],
    ["small letters", "bb8"],
    ["a character of another alphabet", "BB_"],
  ])("%s is refused", (_name, text) => {
    expect(decodeBase45(text)).toBeUndefined();
  });
});

describe("the texts of passes", () => {
  const cases = [
    ["phone-pass", vectors.phonePass],
    ["door-answer", vectors.doorAnswer],
    ["door-challenge", vectors.doorChallenge],
    ["visitor-pass", vectors.visitorPass],
  ] as const;

  it.each(cases)("a %s is written and read", (kind, { message, text }) => {
    expect(writePassText(kind, fromHex(message))).toBe(text);
    expect(readPassText(text)).toEqual({ kind, message: fromHex(message) });
  });

  it("fit the QR codes they are meant for", () => {
    // ISO/IEC 18004 table 7, alphanumeric at level M: version 3 holds 61 characters, 7 holds 178, 8 holds 221.
    expect(vectors.doorChallenge.text.length).toBeLessThanOrEqual(61);
    expect(vectors.phonePass.text.length).toBeLessThanOrEqual(178);
    expect(vectors.doorAnswer.text.length).toBeLessThanOrEqual(178);
    expect(vectors.visitorPass.text.length).toBeLessThanOrEqual(221);
    for (const [, { text }] of cases) expect(text).toMatch(/^[0-9A-Z $%*+\-./:]+$/);
  });

  it("go into a link without escapes", () => {
    const { message, fragment } = vectors.visitorPass;
    expect(writePassFragment("visitor-pass", fromHex(message))).toBe(fragment);
    expect(readPassFragment(fragment)).toEqual({ kind: "visitor-pass", message: fromHex(message) });
    expect(encodeURIComponent(fragment)).toBe(fragment);
    for (const length of [1, 2, 3]) {
      const bytes = new Uint8Array(length).fill(255);
      const read = readPassFragment(writePassFragment("visit-token", bytes));
      expect(toHex(read?.message ?? new Uint8Array())).toBe(toHex(bytes));
    }
  });

  it.each([
    ["another prefix", "MX:BB8"],
    ["no prefix", "BB8"],
    ["nothing behind the prefix", "MP:"],
    ["something else", "https://example.org/"],
    ["more than any pass", `MP:${"0".repeat(963)}`],
  ])("%s is none of ours", (_name, text) => {
    expect(readPassText(text)).toBeUndefined();
  });

  it.each([
    ["another kind", "xAAAA"],
    ["nothing", "v"],
    ["padding", "vAAA="],
    ["base64 of the other alphabet", "vAA+A"],
    ["a length that base64 does not have", "vAAAAA"],
    ["fill bits that are set", "vAB"],
    ["more than any pass", `v${"A".repeat(1_000)}`],
  ])("a link with %s is none of ours", (_name, fragment) => {
    expect(readPassFragment(fragment)).toBeUndefined();
  });
});
