import {
  aesGcmSeal,
  concatBytes,
  fromHex,
  hkdfSha256,
  primitives,
  x25519Agree,
  x25519PublicKey,
} from "@menshen/crypto/node";
import { CredentialKey } from "@menshen/domain";
import { describe, expect, it } from "vitest";
import { CustodyError } from "./errors.ts";
import { encodeIdentityText, type IdentityText, parseIdentityText } from "./identity-text.ts";
import { makeTrailOpener, type TrailText, wrapTrail } from "./trail-wrap.ts";

const secretKey = new Uint8Array(32).fill(5);
const recipient = x25519PublicKey(secretKey);
const open = await makeTrailOpener(secretKey);

/** A wrap with a good tag around whatever a stranger to the format wrote. */
function wrapOf(plaintext: Uint8Array): Uint8Array {
  const ephemeralSecret = new Uint8Array(32).fill(6);
  const ephemeral = x25519PublicKey(ephemeralSecret);
  const shared = x25519Agree(ephemeralSecret, recipient) ?? new Uint8Array();
  const info = new TextEncoder().encode("menshen/trail-wrap/v1");
  const key = hkdfSha256(shared, concatBytes(ephemeral, recipient), info, 32);
  return concatBytes(ephemeral, aesGcmSeal(key, new Uint8Array(12), plaintext));
}
function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return error instanceof CustodyError ? error.code : `not a CustodyError: ${String(error)}`;
  }
  return "accepted";
}
const plain = fromHex(
  `01000100${"000001a202f10235"}${"a0".repeat(16)}${"0000000000000007"}${"c0".repeat(8)}00000000`,
);
const withByte = (position: number, value: number) => {
  const bytes = plain.slice();
  bytes[position] = value;
  return bytes;
};

describe("a wrap", () => {
  it("of any other length opens as nothing", async () => {
    const wrap = wrapOf(plain);
    expect((await open(wrap))?.sequence).toBe(7);
    for (let length = 0; length < wrap.length; length += 1) {
      expect(await open(wrap.slice(0, length))).toBeUndefined();
    }
    expect(await open(concatBytes(wrap, new Uint8Array(1)))).toBeUndefined();
    expect(await open(wrapOf(plain.slice(1)))).toBeUndefined();
  });

  it.each([
    ["another version", withByte(0, 2)],
    ["a kind that nobody knows", withByte(1, 15)],
    ["neither granted nor refused", withByte(2, 2)],
    ["a time beyond 2^53", withByte(4, 0xff)],
    ["a sequence beyond 2^53", withByte(28, 0xff)],
    ["something where zeros belong", withByte(47, 1)],
  ])("with %s opens as nothing", async (_what, bytes) => {
    expect(await open(wrapOf(bytes))).toBeUndefined();
  });

  it("from an ephemeral key of small order opens as nothing", async () => {
    expect(await open(new Uint8Array(96))).toBeUndefined();
  });

  it("is not made of numbers or lengths out of range", async () => {
    const text: TrailText = {
      kind: "pin",
      granted: true,
      reason: 0,
      timeMs: 0,
      accessPoint: new Uint8Array(16),
      sequence: 1,
      credential: new Uint8Array(8),
    };
    for (const wrong of [
      { accessPoint: new Uint8Array(15) },
      { credential: new Uint8Array(16) },
      { reason: 256 },
      { timeMs: -1 },
      { sequence: 0.5 },
    ]) {
      expect(codeOf(() => wrapTrail(primitives, recipient, { ...text, ...wrong }))).toBe("invalid-argument");
    }
    await expect(makeTrailOpener(new Uint8Array(33))).rejects.toMatchObject({ code: "invalid-argument" });
  });
});

describe("an identity", () => {
  const text: IdentityText = {
    kind: "uid",
    credentialKey: CredentialKey(new Uint8Array(16).fill(0xc0)),
    counter: 4711,
  };
  const encoded = fromHex(`0102${"c0".repeat(16)}${"0000000000001267"}000000000000`);
  const change = (position: number, value: number) => {
    const bytes = encoded.slice();
    bytes[position] = value;
    return codeOf(() => parseIdentityText(bytes));
  };

  it("has one encoding", () => {
    expect(encodeIdentityText(text)).toEqual(encoded);
    expect(parseIdentityText(encoded)).toEqual(text);
  });

  it("is refused in any other form", () => {
    for (let length = 0; length < encoded.length; length += 1) {
      expect(codeOf(() => parseIdentityText(encoded.slice(0, length)))).toBe("malformed");
    }
    expect(codeOf(() => parseIdentityText(concatBytes(encoded, new Uint8Array(1))))).toBe("too-large");
    expect(change(0, 2)).toBe("unknown-version");
    expect(change(1, 15)).toBe("malformed");
    expect(change(18, 0xff)).toBe("malformed");
    expect(change(31, 1)).toBe("malformed");
    expect(codeOf(() => encodeIdentityText({ ...text, counter: -1 }))).toBe("invalid-argument");
  });
});
