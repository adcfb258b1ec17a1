import { fromHex, primitives, toHex } from "@menshen/crypto/node";
import { describe, expect, it } from "vitest";
import type { WiegandNumber } from "./wiegand.ts";
import {
  bitStringOf,
  bitsOf,
  decodeWiegand,
  encodeWiegand,
  presentWiegand,
  wiegandIdentifier,
} from "./wiegand.ts";

const bits = (text: string) => bitStringOf(Uint8Array.from(text.replaceAll(" ", ""), Number));
const textOf = (number: WiegandNumber) => bitsOf(encodeWiegand(number)).join("");

// Worked out by hand: leading even parity, fields, trailing odd parity.
const examples: readonly [string, WiegandNumber, string][] = [
  ["26, all zero", { format: 26, facility: 0, cardNumber: 0 }, "0 00000000 0000000000000000 1"],
  ["26, facility 1", { format: 26, facility: 1, cardNumber: 0 }, "1 00000001 0000000000000000 1"],
  ["26, ends of both fields", { format: 26, facility: 0x80, cardNumber: 1 }, "1 10000000 0000000000000001 0"],
  ["26, 12 and 345", { format: 26, facility: 12, cardNumber: 345 }, "0 00001100 0000000101011001 0"],
  ["26, all ones", { format: 26, facility: 255, cardNumber: 65535 }, "0 11111111 1111111111111111 1"],
  ["34, 1 and 2", { format: 34, facility: 1, cardNumber: 2 }, "1 0000000000000001 0000000000000010 0"],
  ["37, 1 and 1", { format: 37, facility: 1, cardNumber: 1 }, "1 0000000000000001 0000000000000000001 0"],
  // Bit 18, the second of the card number, counts in both parities.
  [
    "37, bit 18",
    { format: 37, facility: 0, cardNumber: 0x20000 },
    "1 0000000000000000 0100000000000000000 0",
  ],
];

describe("Wiegand frames", () => {
  it.each(examples)("are written and read: %s", (_name, number, text) => {
    expect(textOf(number)).toBe(text.replaceAll(" ", ""));
    expect(decodeWiegand(bits(text))).toEqual({ outcome: "read", number });
  });

  it("are refused with any single bit turned", () => {
    for (const [, number] of examples) {
      const frame = bitsOf(encodeWiegand(number));
      for (let index = 0; index < frame.length; index += 1) {
        const turned = frame.slice();
        turned[index] = 1 - (turned[index] ?? 0);
        // Bit 18 of a 37-bit frame is in both halves, so turning it turns both parities.
        expect(decodeWiegand(bitStringOf(turned))).toEqual({ outcome: "bad-parity" });
      }
    }
  });

  it("of other lengths are left alone", () => {
    for (const bitCount of [1, 25, 27, 32, 33, 35, 36, 38, 64]) {
      expect(decodeWiegand(bitStringOf(new Uint8Array(bitCount)))).toEqual({ outcome: "unknown-format" });
    }
  });

  it("are not written from numbers that do not fit", () => {
    const badArgument = expect.objectContaining({ code: "bad-argument" });
    expect(() => encodeWiegand({ format: 26, facility: 256, cardNumber: 0 })).toThrow(badArgument);
    expect(() => encodeWiegand({ format: 26, facility: 0, cardNumber: 65536 })).toThrow(badArgument);
    expect(() => encodeWiegand({ format: 37, facility: 0, cardNumber: -1 })).toThrow(badArgument);
    expect(() => encodeWiegand({ format: 34, facility: 0.5, cardNumber: 0 })).toThrow(badArgument);
  });
});

describe("a Wiegand number presented", () => {
  const number: WiegandNumber = { format: 34, facility: 0x1234, cardNumber: 0x5678 };

  it("has an identifier of its format and both numbers", () => {
    expect(toHex(wiegandIdentifier(number))).toBe("22123400005678");
    expect(toHex(wiegandIdentifier({ format: 37, facility: 1, cardNumber: 0x7ffff }))).toBe("2500010007ffff");
  });

  it("is grade E, or D when the reader vouches for the card", () => {
    const constant = presentWiegand(primitives, number, false);
    expect(constant).toMatchObject({ kind: "wiegand", grade: "E", evidence: {} });
    expect(constant.identifier).toEqual(fromHex("22123400005678"));
    expect(presentWiegand(primitives, number, true)).toEqual({ ...constant, grade: "D" });
  });
});

describe("bit strings out of form", () => {
  it.each([
    ["too few bytes", 26, "000000"],
    ["too many bytes", 26, "0000000000"],
    ["bits beyond the count", 26, "00000020"],
    ["no bits", 0, ""],
    ["a negative count", -8, ""],
    ["half a bit", 7.5, "00"],
  ])("are malformed: %s", (_name, bitCount, hex) => {
    const frame = { bitCount, bytes: fromHex(hex) };
    expect(() => decodeWiegand(frame)).toThrow(expect.objectContaining({ code: "malformed" }));
  });
});
