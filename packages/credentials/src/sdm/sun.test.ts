import { fromHex, primitives, toHex } from "@menshen/crypto/node";
import { describe, expect, it } from "vitest";
import { openPiccData, openSdmSession, sealPiccData } from "./sdm-crypto.ts";
import type { SunLayout } from "./sun-layout.ts";
import { mirrorSunText, readSunText } from "./sun-layout.ts";
import { checkSunCounter, verifySun } from "./sun-verification.ts";

const metaKey = fromHex("42aff114f2cb3b6141be6dc95dfc5416");
const fileKey = fromHex("b62a9baf092439bd43c62aee96b970c5");
const uid = fromHex("041d3c8a2d6b80");
const random = fromHex("000102030405060708090a0b0c0d0e0f");
const ascii = (text: string) => new TextEncoder().encode(text);
const zeros = (digits: number) => "0".repeat(digits);

/** The mirrored address of AN12196's shape: everything that `layout` asks for, at one tap. */
function tapped(layout: SunLayout, text: string, counter = 291): string {
  const mirrored = mirrorSunText({
    primitives,
    layout,
    text: ascii(text),
    metaKey,
    fileKey,
    uid,
    counter,
    random,
  });
  expect(mirrored).toHaveLength(text.length);
  return new TextDecoder().decode(mirrored);
}

function verified(text: string, layout: SunLayout) {
  const message = readSunText(text, layout);
  if (message === undefined) return { outcome: "unreadable" };
  return verifySun({ primitives, message, metaKey, fileKeyFor: () => fileKey });
}

const prefix = "https://a.example/?p=";
const encrypted: SunLayout = { mode: "aes", piccDataOffset: 21, macInputOffset: 56, macOffset: 56 };

describe("SUN, from the card's mirror to the verdict", () => {
  it("encrypts UID and counter", () => {
    const text = tapped(encrypted, `${prefix}${zeros(32)}&c=${zeros(16)}`);
    expect(text.startsWith(prefix)).toBe(true);
    expect(text).toMatch(/p=[0-9A-F]{32}&c=[0-9A-F]{16}$/);
    expect(text).not.toContain(toHex(uid).toUpperCase());
    expect(verified(text, encrypted)).toEqual({ outcome: "verified", uid, counter: 291 });
  });

  it("covers text with the MAC, literals included", () => {
    const layout = { ...encrypted, macInputOffset: 21 };
    const text = tapped(layout, `${prefix}${zeros(32)}&c=${zeros(16)}`);
    expect(verified(text, layout)).toEqual({ outcome: "verified", uid, counter: 291 });
    expect(verified(text.replace("&c=", "&d="), layout)).toEqual({ outcome: "not-authentic" });
    expect(verified(text, encrypted)).toEqual({ outcome: "not-authentic" });
  });

  it("encrypts part of the file", () => {
    const layout: SunLayout = {
      mode: "aes",
      piccDataOffset: 21,
      fileData: { offset: 56, lengthDigits: 32 },
      macInputOffset: 56,
      macOffset: 91,
    };
    const text = tapped(layout, `${prefix}${zeros(32)}&e=door plate no 07${zeros(16)}&c=${zeros(16)}`);
    expect(text).not.toContain("door plate");
    expect(verified(text, layout)).toEqual({
      outcome: "verified",
      uid,
      counter: 291,
      fileData: ascii("door plate no 07"),
    });
  });

  it("mirrors UID and counter in clear", () => {
    const layout: SunLayout = {
      mode: "aes",
      uidOffset: 21,
      counterOffset: 36,
      macInputOffset: 43,
      macOffset: 43,
    };
    const text = tapped(layout, `${prefix}${zeros(14)}x${zeros(6)}x${zeros(16)}`);
    expect(text.slice(21, 42)).toBe("041D3C8A2D6B80x000123");
    expect(verified(text, layout)).toEqual({ outcome: "verified", uid, counter: 291 });
    expect(verified(text.replace("000123", "000124"), layout)).toEqual({ outcome: "not-authentic" });
    expect(verified(text.replace("041D", "041E"), layout)).toEqual({ outcome: "not-authentic" });
    const withoutCounter: SunLayout = { mode: "aes", uidOffset: 21, macInputOffset: 36, macOffset: 36 };
    const constant = tapped(withoutCounter, `${prefix}${zeros(14)}x${zeros(16)}`);
    expect(verified(constant, withoutCounter)).toEqual({ outcome: "verified", uid });
  });

  it("works alike in LRP mode", () => {
    const layout: SunLayout = {
      mode: "lrp",
      piccDataOffset: 21,
      fileData: { offset: 72, lengthDigits: 32 },
      macInputOffset: 21,
      macOffset: 107,
    };
    const text = tapped(
      layout,
      `${prefix}${zeros(48)}&e=door plate no 07${zeros(16)}&c=${zeros(16)}`,
      0xfffffe,
    );
    expect(verified(text, layout)).toEqual({
      outcome: "verified",
      uid,
      counter: 0xfffffe,
      fileData: ascii("door plate no 07"),
    });
    expect(verified(text, { ...layout, mode: "aes" })).toEqual({ outcome: "not-authentic" });
  });

  it("knows cards by their own keys", () => {
    const text = tapped(encrypted, `${prefix}${zeros(32)}&c=${zeros(16)}`);
    const message = readSunText(text, encrypted);
    if (message === undefined) throw new Error("unreadable");
    expect(verifySun({ primitives, message, metaKey, fileKeyFor: () => undefined })).toEqual({
      outcome: "unknown-card",
    });
    expect(verifySun({ primitives, message, metaKey, fileKeyFor: () => metaKey })).toEqual({
      outcome: "not-authentic",
    });
    expect(verifySun({ primitives, message, metaKey: fileKey, fileKeyFor: () => fileKey })).toEqual({
      outcome: "not-authentic",
    });
    expect(verifySun({ primitives, message, fileKeyFor: () => fileKey })).toEqual({ outcome: "malformed" });
  });
});

describe("the read counter", () => {
  it.each([
    [undefined, 0, { verdict: "fresh", lastCounter: 0, skipped: 0 }],
    [undefined, 7, { verdict: "fresh", lastCounter: 7, skipped: 0 }],
    [6, 7, { verdict: "fresh", lastCounter: 7, skipped: 0 }],
    [6, 10, { verdict: "fresh", lastCounter: 10, skipped: 3 }],
    [7, 7, { verdict: "repeated", lastCounter: 7, skipped: 0 }],
    [7, 6, { verdict: "stale", lastCounter: 7, skipped: 0 }],
    [7, 0, { verdict: "stale", lastCounter: 7, skipped: 0 }],
  ])("last %s, now %i", (last, now, expected) => {
    expect(checkSunCounter(last, now)).toEqual(expected);
  });
});

describe("PICCData", () => {
  it.each(["aes", "lrp"] as const)("carries any choice of UID and counter in mode %s", (mode) => {
    for (const identity of [{ uid, counter: 1 }, { uid }, { counter: 0x010203 }, {}]) {
      const sealed = sealPiccData(primitives, mode, metaKey, identity, random);
      expect(openPiccData(primitives, mode, metaKey, sealed)).toEqual(identity);
    }
  });

  it("is refused at other lengths and with counters that do not fit", () => {
    expect(openPiccData(primitives, "aes", metaKey, new Uint8Array(24))).toBeUndefined();
    expect(openPiccData(primitives, "lrp", metaKey, new Uint8Array(16))).toBeUndefined();
    const badArgument = expect.objectContaining({ code: "bad-argument" });
    for (const counter of [-1, 0x1000000, 1.5]) {
      expect(() => sealPiccData(primitives, "aes", metaKey, { uid, counter }, random)).toThrow(badArgument);
      expect(() => openSdmSession(primitives, "aes", fileKey, { uid, counter })).toThrow(badArgument);
    }
    expect(() => sealPiccData(primitives, "aes", metaKey, { uid }, random.subarray(1))).toThrow(badArgument);
  });
});
