import { fromHex, primitives } from "@menshen/crypto/node";
import { describe, expect, it } from "vitest";
import type { SunLayout } from "./sun-layout.ts";
import { mirrorSunText, readSunText } from "./sun-layout.ts";
import type { SunMessage } from "./sun-verification.ts";
import { verifySun } from "./sun-verification.ts";

const layout: SunLayout = {
  mode: "aes",
  piccDataOffset: 2,
  fileData: { offset: 37, lengthDigits: 32 },
  macInputOffset: 37,
  macOffset: 72,
};
const text = `p=${"A".repeat(32)}&e=${"B".repeat(32)}&c=${"C".repeat(16)}`;

describe("a mirrored text out of form", () => {
  it("is read when whole", () => {
    expect(readSunText(text, layout)).toEqual({
      mode: "aes",
      encryptedPiccData: fromHex("AA".repeat(16)),
      encryptedFileData: fromHex("BB".repeat(16)),
      macInput: new TextEncoder().encode(`${"B".repeat(32)}&c=`),
      mac: fromHex("CC".repeat(8)),
    });
  });

  it("is not read when shorter", () => {
    for (let length = 0; length < text.length; length += 1) {
      expect(readSunText(text.slice(0, length), layout)).toBeUndefined();
    }
  });

  it.each([
    ["a letter that is no digit", text.replace("C", "G")],
    ["a digit of another script", text.replace("C", "１")],
    ["a control character", text.replace("&", "\n")],
    ["a character beyond ASCII", text.replace("&", "门")],
    ["everything one place later", ` ${text}`.slice(0, -1)],
  ])("is not read with %s", (_name, changed) => {
    expect(readSunText(changed, layout)).toBeUndefined();
  });

  it.each<[string, Partial<SunLayout>]>([
    ["the MAC's input behind the MAC", { macInputOffset: 73 }],
    ["a negative offset", { piccDataOffset: -1 }],
    ["file data of an odd length", { fileData: { offset: 37, lengthDigits: 31 } }],
    ["file data of no length", { fileData: { offset: 37, lengthDigits: 0 } }],
    ["file data of a broken length", { fileData: { offset: 37, lengthDigits: 16 } }],
    ["file data beyond the end", { fileData: { offset: 60, lengthDigits: 32 } }],
    ["the MAC beyond the end", { macOffset: 73 }],
  ])("is not read by a layout with %s", (_name, change) => {
    expect(readSunText(text, { ...layout, ...change })).toBeUndefined();
  });

  it("is not read by a layout that names no card", () => {
    expect(readSunText(text, { mode: "aes", macInputOffset: 72, macOffset: 72 })).toBeUndefined();
    expect(
      readSunText(text, { mode: "aes", counterOffset: 2, macInputOffset: 72, macOffset: 72 }),
    ).toBeUndefined();
    expect(
      readSunText(text, { mode: "aes", uidOffset: 0, macInputOffset: 72, macOffset: 72 }),
    ).toBeUndefined();
  });

  it("is not written where it has no room", () => {
    const input = {
      primitives,
      text: new TextEncoder().encode(text),
      metaKey: new Uint8Array(16),
      fileKey: new Uint8Array(16),
      uid: new Uint8Array(7),
      counter: 1,
      random: new Uint8Array(16),
    };
    const badArgument = expect.objectContaining({ code: "bad-argument" });
    expect(() => mirrorSunText({ ...input, layout: { ...layout, macOffset: 73 } })).toThrow(badArgument);
    expect(() => mirrorSunText({ ...input, layout: { ...layout, piccDataOffset: -1 } })).toThrow(badArgument);
    const half = { offset: 37, lengthDigits: 30 };
    expect(() => mirrorSunText({ ...input, layout: { ...layout, fileData: half } })).toThrow(badArgument);
  });
});

describe("a SUN message out of form", () => {
  const uid = fromHex("041d3c8a2d6b80");
  const message: SunMessage = {
    mode: "aes",
    plainIdentity: { uid, counter: 1 },
    macInput: new Uint8Array(),
    mac: new Uint8Array(8),
  };
  it.each<[string, SunMessage]>([
    ["a short MAC", { ...message, mac: new Uint8Array(7) }],
    ["a whole MAC", { ...message, mac: new Uint8Array(16) }],
    ["a broken block of file data", { ...message, encryptedFileData: new Uint8Array(17) }],
    ["a UID of 4 bytes", { ...message, plainIdentity: { uid: uid.subarray(3) } }],
    ["no UID", { ...message, plainIdentity: { counter: 1 } }],
    ["no identity", { mode: "aes", macInput: message.macInput, mac: message.mac }],
    ["two identities", { ...message, encryptedPiccData: new Uint8Array(16) }],
  ])("is malformed with %s", (_name, changed) => {
    const result = verifySun({
      primitives,
      message: changed,
      metaKey: new Uint8Array(16),
      fileKeyFor: () => new Uint8Array(16),
    });
    expect(result).toEqual({ outcome: "malformed" });
  });
});
