import { describe, expect, it } from "vitest";
import further from "../vectors/further.json" with { type: "json" };
import generic from "../vectors/generic-crypto.json" with { type: "json" };
import * as browserModule from "./index.ts";
import * as nodeModule from "./node/index.ts";

const { fromHex, toHex } = nodeModule;
const ascii = (text: string) => new TextEncoder().encode(text);
const codeOf = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    return error instanceof nodeModule.CryptoError ? error.code : `not a CryptoError: ${String(error)}`;
  }
  return "no error";
};

const group = (name: string) => {
  const found = generic.groups.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no vectors named ${name}`);
  return found;
};

describe.each([
  ["browser", browserModule],
  ["node", nodeModule],
])("primitives of the %s module", (_name, { primitives }) => {
  it("enciphers the FIPS 197 blocks", () => {
    expect(further.aesBlock).toHaveLength(3);
    for (const v of further.aesBlock) {
      expect(toHex(primitives.aesEncryptBlock(fromHex(v.key), fromHex(v.in)))).toBe(v.out);
    }
  });

  it("runs AES-CBC both ways", () => {
    for (const v of further.aesCbc) {
      const [key, iv] = [fromHex(v.key), fromHex(v.iv)];
      expect(toHex(primitives.aesCbcEncrypt(key, iv, fromHex(v.plain)))).toBe(v.cipher);
      expect(toHex(primitives.aesCbcDecrypt(key, iv, fromHex(v.cipher)))).toBe(v.plain);
      expect(primitives.aesCbcEncrypt(key, iv, new Uint8Array())).toEqual(new Uint8Array());
      expect(primitives.aesCbcDecrypt(key, iv, new Uint8Array())).toEqual(new Uint8Array());
    }
  });

  it("computes the CMACs of RFC 4493", () => {
    const { key, vectors } = group("AES-CMAC");
    expect(vectors).toHaveLength(4);
    for (const v of vectors) {
      expect(toHex(primitives.aesCmac(fromHex(key ?? ""), fromHex("msg" in v ? (v.msg ?? "") : "")))).toBe(
        "tag" in v ? v.tag : "absent",
      );
    }
  });

  it("computes the hashes, MACs and derived keys", () => {
    for (const v of further.sha256) expect(toHex(primitives.sha256(ascii(v.asciiIn)))).toBe(v.out);
    for (const v of further.hmacSha256) {
      expect(toHex(primitives.hmacSha256(fromHex(v.key), fromHex(v.data)))).toBe(v.out);
    }
    for (const v of further.hkdfSha256) {
      const okm = primitives.hkdfSha256(fromHex(v.ikm), fromHex(v.salt), fromHex(v.info), v.lengthBytes);
      expect(toHex(okm)).toBe(v.okm);
    }
  });

  it("takes HKDF info longer than 1024 bytes", () => {
    const info = new Uint8Array(2000).fill(7);
    const okm = primitives.hkdfSha256(fromHex("0b"), new Uint8Array(), info, 8160);
    expect(okm).toEqual(otherOf(primitives).hkdfSha256(fromHex("0b"), new Uint8Array(), info, 8160));
    expect(okm).toHaveLength(8160);
  });

  it("seals and opens AES-GCM, and opens nothing that was changed", () => {
    for (const v of further.aesGcm) {
      const [key, nonce, aad] = [fromHex(v.key), fromHex(v.nonce), fromHex(v.aad)];
      const sealed = primitives.aesGcmSeal(key, nonce, fromHex(v.plain), aad);
      expect(toHex(sealed)).toBe(v.sealed);
      expect(toHex(primitives.aesGcmOpen(key, nonce, sealed, aad) ?? new Uint8Array())).toBe(v.plain);
      expect(primitives.aesGcmOpen(key, nonce, sealed)).toBeUndefined();
      expect(primitives.aesGcmOpen(key, nonce, sealed.subarray(0, 15), aad)).toBeUndefined();
      expect(primitives.aesGcmOpen(key, nonce, sealed.subarray(1), aad)).toBeUndefined();
      const changed = sealed.slice();
      changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
      expect(primitives.aesGcmOpen(key, nonce, changed, aad)).toBeUndefined();
    }
    const sealed = primitives.aesGcmSeal(new Uint8Array(32), new Uint8Array(12), new Uint8Array());
    expect(toHex(sealed)).toBe("530f8afbc74536b9a963b4f1c4cb738b"); // GCM specification, test case 13
    expect(primitives.aesGcmOpen(new Uint8Array(32), new Uint8Array(12), sealed)).toEqual(new Uint8Array());
  });

  it("computes the one-time codes of RFC 6238", () => {
    const { vectors } = group("TOTP");
    expect(vectors).toHaveLength(18);
    for (const v of vectors) {
      if (!("totp" in v)) throw new Error("not a TOTP vector");
      const hash = v.alg === "sha1" || v.alg === "sha256" || v.alg === "sha512" ? v.alg : undefined;
      if (hash === undefined) throw new Error(`unexpected hash ${v.alg}`);
      expect(
        primitives.totp({
          secret: ascii(v.seedAscii ?? ""),
          timeS: v.time ?? -1,
          stepS: v.step ?? -1,
          digits: v.digits ?? -1,
          hash,
        }),
      ).toBe(v.totp);
    }
    // SHA-1, 30 s and six digits are what authenticator apps do: the last six digits of 94287082.
    expect(primitives.totp({ secret: ascii("12345678901234567890"), timeS: 59 })).toBe("287082");
  });

  it("compares without regard to where the difference is", () => {
    expect(primitives.constantTimeEqual(fromHex("0011"), fromHex("0011"))).toBe(true);
    expect(primitives.constantTimeEqual(fromHex("0011"), fromHex("0012"))).toBe(false);
    expect(primitives.constantTimeEqual(fromHex("1011"), fromHex("0011"))).toBe(false);
    expect(primitives.constantTimeEqual(fromHex("0011"), fromHex("001100"))).toBe(false);
    expect(primitives.constantTimeEqual(new Uint8Array(), new Uint8Array())).toBe(true);
  });

  it("draws random bytes that differ", () => {
    expect(primitives.randomBytes(0)).toHaveLength(0);
    expect(primitives.randomBytes(65_536)).toHaveLength(65_536);
    expect(primitives.randomBytes(32)).not.toEqual(primitives.randomBytes(32));
  });

  it("refuses wrong lengths with bad-length", () => {
    const key = new Uint8Array(16);
    const block = new Uint8Array(16);
    const refused = [
      () => primitives.aesEncryptBlock(new Uint8Array(15), block),
      () => primitives.aesEncryptBlock(key, new Uint8Array(17)),
      () => primitives.aesCbcEncrypt(key, new Uint8Array(12), block),
      () => primitives.aesCbcEncrypt(key, block, new Uint8Array(15)),
      () => primitives.aesCbcDecrypt(key, block, new Uint8Array(17)),
      () => primitives.aesCbcDecrypt(new Uint8Array(0), block, block),
      () => primitives.aesCmac(new Uint8Array(17), block),
      () => primitives.aesGcmSeal(key, new Uint8Array(8), block),
      () => primitives.aesGcmOpen(key, new Uint8Array(16), block),
      () => primitives.hkdfSha256(key, key, key, 0),
      () => primitives.hkdfSha256(key, key, key, 8161),
      () => primitives.randomBytes(-1),
      () => primitives.randomBytes(65_537),
      () => primitives.randomBytes(1.5),
      () => primitives.totp({ secret: key, timeS: 0, digits: 9 }),
      () => primitives.totp({ secret: key, timeS: -1 }),
      () => primitives.totp({ secret: key, timeS: 0, stepS: 0 }),
    ];
    expect(refused.map(codeOf)).toEqual(refused.map(() => "bad-length"));
  });

  it("agrees by X25519 as RFC 7748 prints it, by WebCrypto too", async () => {
    expect(further.x25519).toHaveLength(1);
    for (const v of further.x25519) {
      const secret = fromHex(v.secret);
      expect(toHex(primitives.x25519PublicKey(secret))).toBe(v.public);
      expect(toHex(primitives.x25519Agree(secret, fromHex(v.otherPublic)) ?? new Uint8Array())).toBe(
        v.shared,
      );
      const agree = await browserModule.importX25519(secret);
      expect(toHex((await agree(fromHex(v.otherPublic))) ?? new Uint8Array())).toBe(v.shared);
    }
  });

  it("agrees with nobody whose key has a small order", async () => {
    const secret = new Uint8Array(32).fill(7);
    const agree = await browserModule.importX25519(secret);
    for (const hex of [
      "00".repeat(32),
      `01${"00".repeat(31)}`,
      "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
      `ec${"ff".repeat(30)}7f`,
    ]) {
      expect(primitives.x25519Agree(secret, fromHex(hex))).toBeUndefined();
      expect(await agree(fromHex(hex))).toBeUndefined();
    }
    expect(await agree(new Uint8Array(31))).toBeUndefined();
    expect(codeOf(() => primitives.x25519Agree(secret, new Uint8Array(31)))).toBe("bad-length");
    expect(codeOf(() => primitives.x25519PublicKey(new Uint8Array(33)))).toBe("bad-length");
    await expect(browserModule.importX25519(new Uint8Array(31))).rejects.toMatchObject({
      code: "bad-length",
    });
  });

  it("answers with plain arrays of their own and leaves arguments alone", () => {
    const key = new Uint8Array(16).fill(1);
    const data = new Uint8Array(32).fill(2);
    const results = [
      primitives.aesEncryptBlock(key, data.subarray(0, 16)),
      primitives.aesCbcEncrypt(key, key, data),
      primitives.aesCmac(key, data),
      primitives.sha256(data),
      primitives.randomBytes(16),
    ];
    for (const result of results) {
      expect(Object.getPrototypeOf(result)).toBe(Uint8Array.prototype);
      expect(result.buffer.byteLength).toBe(result.length);
    }
    expect(key).toEqual(new Uint8Array(16).fill(1));
    expect(data).toEqual(new Uint8Array(32).fill(2));
  });
});

function otherOf(primitives: nodeModule.Primitives): nodeModule.Primitives {
  return primitives === nodeModule.primitives ? browserModule.primitives : nodeModule.primitives;
}
