import { fromHex, primitives, toHex } from "@menshen/crypto/node";
import { describe, expect, it } from "vitest";
import { credentialKeyOf } from "../card/credential-key.ts";
import { osdpRawIdentifier, readOsdpFormatted, readOsdpRaw } from "./osdp-raw.ts";
import { encodeWiegand } from "./wiegand.ts";

const constant = { readerAuthenticates: false };
const vouched = { readerAuthenticates: true };

describe("osdp_RAW", () => {
  it("keeps unformatted bits as they are, grade E", () => {
    const bits = { bitCount: 32, bytes: fromHex("deadbeef") };
    expect(readOsdpRaw(primitives, { format: 0, bits }, constant)).toEqual({
      outcome: "presented",
      presentation: {
        credentialKey: credentialKeyOf(primitives, "osdp-raw", fromHex("0020deadbeef")),
        kind: "osdp-raw",
        grade: "E",
        evidence: {},
        identifier: fromHex("0020deadbeef"),
      },
    });
  });

  it("is grade D when the reader authenticated the card", () => {
    const bits = { bitCount: 56, bytes: fromHex("04112233445566") };
    expect(readOsdpRaw(primitives, { format: 0, bits }, vouched)).toMatchObject({
      presentation: { kind: "osdp-raw", grade: "D" },
    });
  });

  it("reads Wiegand where the reader says so, and only there", () => {
    const bits = encodeWiegand({ format: 26, facility: 12, cardNumber: 345 });
    const wiegand = { kind: "wiegand", identifier: fromHex("1a000c00000159") };
    expect(readOsdpRaw(primitives, { format: 1, bits }, constant)).toMatchObject({
      presentation: { ...wiegand, grade: "E" },
    });
    expect(readOsdpRaw(primitives, { format: 1, bits }, vouched)).toMatchObject({
      presentation: { ...wiegand, grade: "D" },
    });
    expect(readOsdpRaw(primitives, { format: 0, bits }, constant)).toMatchObject({
      presentation: { kind: "osdp-raw" },
    });
    const noise = { bitCount: 26, bytes: fromHex("80000040") };
    expect(readOsdpRaw(primitives, { format: 1, bits: noise }, constant)).toEqual({ outcome: "bad-parity" });
    const other = { bitCount: 32, bytes: fromHex("deadbeef") };
    expect(readOsdpRaw(primitives, { format: 1, bits: other }, constant)).toMatchObject({
      presentation: { kind: "osdp-raw" },
    });
  });

  it("tells strings apart that differ in length only", () => {
    const identifiers = [8, 7, 6].map((bitCount) =>
      toHex(osdpRawIdentifier({ bitCount, bytes: fromHex("00") })),
    );
    expect(identifiers).toEqual(["000800", "000700", "000600"]);
  });

  it.each([
    ["bits without bytes", 26, ""],
    ["bytes without bits", 0, "00"],
    ["bits beyond the count", 7, "01"],
    ["more than any card", 504, "00".repeat(63)],
  ])("is malformed with %s", (_name, bitCount, hex) => {
    const bits = { bitCount, bytes: fromHex(hex) };
    expect(() => readOsdpRaw(primitives, { format: 0, bits }, constant)).toThrow(
      expect.objectContaining({ code: "malformed" }),
    );
  });
});

describe("osdp_FMT", () => {
  const characters = new TextEncoder().encode("0012345");
  const identifier = fromHex("003830303132333435");

  it("is the characters as they stand on the card, whichever way it was read, grade E", () => {
    const expected = {
      credentialKey: credentialKeyOf(primitives, "osdp-raw", identifier),
      kind: "osdp-raw",
      grade: "E",
      evidence: {},
      identifier,
    };
    expect(readOsdpFormatted(primitives, { direction: 0, characters }, constant)).toEqual(expected);
    const backwards = { direction: 1, characters: characters.toReversed() };
    expect(readOsdpFormatted(primitives, backwards, constant)).toEqual(expected);
  });

  it("is grade D when the reader authenticated the card", () => {
    expect(readOsdpFormatted(primitives, { direction: 0, characters }, vouched).grade).toBe("D");
  });

  it.each([0, 63])("of %i characters is malformed", (length) => {
    const reply = { direction: 0, characters: new Uint8Array(length).fill(0x31) };
    expect(() => readOsdpFormatted(primitives, reply, constant)).toThrow(
      expect.objectContaining({ code: "malformed" }),
    );
  });
});
