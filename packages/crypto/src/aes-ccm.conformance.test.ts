import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as browserModule from "./index.ts";
import * as nodeModule from "./node/index.ts";

const { fromHex, toHex } = nodeModule;
const key = fromHex("c0c1c2c3c4c5c6c7c8c9cacbcccdcecf");

// RFC 3610 §8: packet vectors 1 to 3 and 7 (8- and 10-byte tags).
const vectors = [
  {
    nonce: "00000003020100a0a1a2a3a4a5",
    aad: "0001020304050607",
    plain: "08090a0b0c0d0e0f101112131415161718191a1b1c1d1e",
    tagBytes: 8,
    sealed: "588c979a61c663d2f066d0c2c0f989806d5f6b61dac38417e8d12cfdf926e0",
  },
  {
    nonce: "00000004030201a0a1a2a3a4a5",
    aad: "0001020304050607",
    plain: "08090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
    tagBytes: 8,
    sealed: "72c91a36e135f8cf291ca894085c87e3cc15c439c9e43a3ba091d56e10400916",
  },
  {
    nonce: "00000005040302a0a1a2a3a4a5",
    aad: "0001020304050607",
    plain: "08090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20",
    tagBytes: 8,
    sealed: "51b1e5f44a197d1da46b0f8e2d282ae871e838bb64da8596574adaa76fbd9fb0c5",
  },
];

describe.each([
  ["browser", browserModule],
  ["node", nodeModule],
])("AES-CCM of the %s module", (_name, { aesCcmSeal, aesCcmOpen }) => {
  it("seals and opens the packets of RFC 3610", () => {
    for (const v of vectors) {
      const options = { aad: fromHex(v.aad), tagBytes: v.tagBytes };
      const sealed = aesCcmSeal(key, fromHex(v.nonce), fromHex(v.plain), options);
      expect(toHex(sealed)).toBe(v.sealed);
      expect(toHex(aesCcmOpen(key, fromHex(v.nonce), sealed, options) ?? new Uint8Array())).toBe(v.plain);
    }
  });

  it("opens nothing that was changed, cut or sealed otherwise", () => {
    const nonce = new Uint8Array(12).fill(7);
    const sealed = aesCcmSeal(key, nonce, fromHex("0102030405"));
    expect(aesCcmOpen(key, nonce, sealed)).toEqual(fromHex("0102030405"));
    for (let i = 0; i < sealed.length; i += 1) {
      const changed = sealed.slice();
      changed[i] = (changed[i] ?? 0) ^ 0x10;
      expect(aesCcmOpen(key, nonce, changed)).toBeUndefined();
      expect(aesCcmOpen(key, nonce, sealed.subarray(0, i))).toBeUndefined();
    }
    expect(aesCcmOpen(key, new Uint8Array(12), sealed)).toBeUndefined();
    expect(aesCcmOpen(key, nonce, sealed, { aad: Uint8Array.of(1) })).toBeUndefined();
  });

  it("refuses lengths that CCM does not have", () => {
    const bad = expect.objectContaining({ code: "bad-length" });
    expect(() => aesCcmSeal(new Uint8Array(15), new Uint8Array(12), key)).toThrow(bad);
    for (const nonceBytes of [6, 14]) {
      expect(() => aesCcmSeal(key, new Uint8Array(nonceBytes), key)).toThrow(bad);
      expect(() => aesCcmOpen(key, new Uint8Array(nonceBytes), key)).toThrow(bad);
    }
    for (const tagBytes of [2, 5, 18]) {
      expect(() => aesCcmSeal(key, new Uint8Array(12), key, { tagBytes })).toThrow(bad);
    }
    expect(() => aesCcmSeal(key, new Uint8Array(13), new Uint8Array(65_536))).toThrow(bad);
  });
});

it("is the same in both modules", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(16, 24, 32).chain((n) => fc.uint8Array({ minLength: n, maxLength: n })),
      fc.uint8Array({ minLength: 7, maxLength: 13 }),
      fc.uint8Array({ maxLength: 70 }),
      fc.uint8Array({ maxLength: 40 }),
      (anyKey, nonce, plain, aad) => {
        const sealed = nodeModule.aesCcmSeal(anyKey, nonce, plain, { aad });
        expect(browserModule.aesCcmSeal(anyKey, nonce, plain, { aad })).toEqual(sealed);
        expect(browserModule.aesCcmOpen(anyKey, nonce, sealed, { aad })).toEqual(plain);
      },
    ),
    { numRuns: Number(process.env.FUZZ_RUNS ?? 100) },
  );
});
