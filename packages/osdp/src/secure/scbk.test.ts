import { fromHex, toHex } from "@menshen/crypto/node";
import { describe, expect, test } from "vitest";
import { OsdpError } from "../osdp-error.ts";
import { isPatterned, parseLabScbk, parseScbk } from "./scbk.ts";

describe("a key for a door", () => {
  test("a random key is taken, as a copy", () => {
    const bytes = fromHex("6f1c0a93d47e25b8815d3cf0a2479be6");
    const key = parseScbk(bytes);
    bytes.fill(0);
    expect(toHex(key)).toBe("6f1c0a93d47e25b8815d3cf0a2479be6");
  });

  test.each([
    ["SCBK-D", "303132333435363738393a3b3c3d3e3f"],
    ["zeros", "00000000000000000000000000000000"],
    ["ones", "ffffffffffffffffffffffffffffffff"],
    ["counting up from zero", "000102030405060708090a0b0c0d0e0f"],
    ["counting up across 255", "f8f9fafbfcfdfeff0001020304050607"],
    ["counting down", "0f0e0d0c0b0a09080706050403020100"],
    ["counting in elevens", "00112233445566778899aabbccddeeff"],
    ["two bytes repeated", "a55aa55aa55aa55aa55aa55aa55aa55a"],
    ["four bytes repeated", "deadbeefdeadbeefdeadbeefdeadbeef"],
    ["eight bytes repeated", "0123456789abcdef0123456789abcdef"],
  ])("%s is refused", (_, hex) => {
    expect(() => parseScbk(fromHex(hex))).toThrow(OsdpError);
    expect(isPatterned(fromHex(hex))).toBe(true);
    expect(toHex(parseLabScbk(fromHex(hex)))).toBe(hex);
  });

  test.each([0, 15, 17, 32])("%i bytes are refused even at a desk", (sizeBytes) => {
    expect(() => parseLabScbk(new Uint8Array(sizeBytes).fill(7))).toThrow(OsdpError);
  });

  test("the error does not repeat the key", () => {
    expect(() => parseScbk(fromHex("deadbeefdeadbeefdeadbeefdeadbeef"))).toThrow(/^(?!.*dead)/);
  });
});
