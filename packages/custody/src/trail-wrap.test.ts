import * as browser from "@menshen/crypto";
import * as node from "@menshen/crypto/node";
import { describe, expect, it } from "vitest";
import vectors from "../vectors/trail-wrap.json" with { type: "json" };
import { makeTrailOpener, TRAIL_WRAP_BYTES, type TrailText, wrapTrail } from "./trail-wrap.ts";

const { fromHex, toHex } = node;
const secretKey = fromHex(vectors.recipientSecret);
const recipient = fromHex(vectors.recipient);
const text: TrailText = {
  kind: "ntag424",
  granted: true,
  reason: 0,
  timeMs: 1_795_345_678_901,
  accessPoint: fromHex("a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"),
  sequence: 123_456_789,
  credential: fromHex("c0c1c2c3c4c5c6c7"),
};
/** The published wrap with one byte changed. */
const changed = (position: number) => {
  const wrap = fromHex(vectors.wrap);
  wrap[position] = (wrap[position] ?? 0) ^ 1;
  return wrap;
};

describe.each([
  ["browser", browser.primitives],
  ["node", node.primitives],
])("wraps by the %s module", (_name, primitives) => {
  it("are those of the vector", () => {
    const drawn = { ...primitives, randomBytes: () => fromHex(vectors.ephemeralSecret) };
    expect(toHex(wrapTrail(drawn, recipient, text))).toBe(vectors.wrap);
  });

  it("are read by their resident and by nobody else", async () => {
    const wrap = wrapTrail(primitives, recipient, text);
    expect(await (await makeTrailOpener(secretKey))(wrap)).toEqual(text);
    expect(await (await makeTrailOpener(new Uint8Array(32).fill(9)))(wrap)).toBeUndefined();
  });

  it("look the same for nobody, and for a key that is none", async () => {
    const open = await makeTrailOpener(secretKey);
    for (const nobody of [undefined, new Uint8Array(32), new Uint8Array(31), new Uint8Array()]) {
      const wrap = wrapTrail(primitives, nobody, text);
      expect(wrap).toHaveLength(TRAIL_WRAP_BYTES);
      expect(await open(wrap)).toBeUndefined();
    }
    expect(wrapTrail(primitives, recipient, text)).toHaveLength(96);
  });

  it("never show two passages of one resident as alike", () => {
    const parts = new Set<string>();
    for (let i = 0; i < 4; i += 1) {
      const wrap = wrapTrail(primitives, recipient, text);
      for (let at = 0; at < wrap.length; at += 16) parts.add(toHex(wrap.subarray(at, at + 16)));
    }
    expect(parts.size).toBe(4 * 6);
  });
});

it("reads a refusal by every kind", async () => {
  const open = await makeTrailOpener(secretKey);
  for (const kind of ["desfire", "pin", "face"] as const) {
    const refused: TrailText = { ...text, kind, granted: false, reason: 22, sequence: 2 ** 53 - 1 };
    expect(await open(wrapTrail(node.primitives, recipient, refused))).toEqual(refused);
  }
});

it("opens without X25519 in WebCrypto", async () => {
  const { subtle } = globalThis.crypto;
  const importKey = subtle.importKey;
  Object.defineProperty(subtle, "importKey", {
    configurable: true,
    value: async () => {
      throw new DOMException("Unrecognized algorithm name", "NotSupportedError");
    },
  });
  try {
    expect(await (await makeTrailOpener(secretKey))(fromHex(vectors.wrap))).toEqual(text);
  } finally {
    Object.defineProperty(subtle, "importKey", { configurable: true, value: importKey });
  }
});

it("opens nothing that was changed anywhere", async () => {
  const open = await makeTrailOpener(secretKey);
  expect(await open(fromHex(vectors.wrap))).toEqual(text);
  for (let position = 0; position < TRAIL_WRAP_BYTES; position += 1) {
    expect(await open(changed(position))).toBeUndefined();
  }
});
