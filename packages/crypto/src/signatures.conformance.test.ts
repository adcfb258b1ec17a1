import { createHash } from "node:crypto";
import { ed25519 } from "@noble/curves/ed25519.js";
import { describe, expect, it } from "vitest";
import further from "../vectors/further.json" with { type: "json" };
import generic from "../vectors/generic-crypto.json" with { type: "json" };
import * as browserModule from "./index.ts";
import * as nodeModule from "./node/index.ts";

const { concatBytes, fromHex, toHex } = nodeModule;
const p256Order = fromHex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
const ascii = (text: string) => new TextEncoder().encode(text);

const ed25519Vectors = generic.groups.flatMap((group) =>
  group.name === "Ed25519" ? group.vectors.flatMap((v) => ("sig" in v ? [v] : [])) : [],
);

function flipped(bytes: Uint8Array, index: number): Uint8Array {
  const changed = bytes.slice();
  changed[index] = (changed[index] ?? 0) ^ 1;
  return changed;
}

describe.each([
  ["browser", browserModule, nodeModule],
  ["node", nodeModule, browserModule],
])("signatures of the %s module", (_name, crypto, other) => {
  it("verifies a key that came in a Buffer and leaves it as it was", () => {
    // The highest bit of this key is set.
    const key = crypto.ed25519FromSecret(new Uint8Array(32).fill(2));
    const held = Buffer.from(key.publicKey);
    const signature = crypto.ed25519Sign(key.secretKey, ascii("x"));
    expect((held[31] ?? 0) & 0x80).toBe(0x80);
    expect(crypto.ed25519Verify(held, ascii("x"), signature)).toBe(true);
    expect(toHex(held)).toBe(toHex(key.publicKey));
  });

  it("signs and verifies Ed25519 as RFC 8032 prints it", () => {
    expect(ed25519Vectors).toHaveLength(3);
    for (const v of ed25519Vectors) {
      expect(toHex(crypto.ed25519FromSecret(fromHex(v.secret)).publicKey)).toBe(v.pub);
      expect(toHex(crypto.ed25519Sign(fromHex(v.secret), fromHex(v.msg)))).toBe(v.sig);
      expect(crypto.ed25519Verify(fromHex(v.pub), fromHex(v.msg), fromHex(v.sig))).toBe(true);
    }
  });

  it("verifies P-256 as RFC 6979 prints it", () => {
    expect(further.p256).toHaveLength(2);
    for (const v of further.p256) {
      const message = ascii(v.asciiMessage);
      const key = crypto.p256FromSecret(fromHex(v.secret));
      expect(toHex(key.publicKey)).toBe(v.public);
      expect(crypto.p256Verify(key.publicKey, message, fromHex(v.signature))).toBe(true);
      expect(crypto.p256Verify(key.publicKey, message, crypto.p256Sign(key.secretKey, message))).toBe(true);
      expect(toHex(browserModule.p256Sign(key.secretKey, message))).toBe(v.signature);
    }
  });

  it("verifies what the other module signed, and nothing that was changed", () => {
    const message = ascii("door");
    for (const key of [other.ed25519Generate(), other.p256Generate()]) {
      const signature = other.sign(key, message);
      expect(signature).toHaveLength(crypto.SIGNATURE_BYTES);
      expect(crypto.verify(key, message, signature)).toBe(true);
      expect(crypto.verify(key, flipped(message, 0), signature)).toBe(false);
      for (const index of [0, 31, 32, 63]) {
        expect(crypto.verify(key, message, flipped(signature, index))).toBe(false);
      }
      expect(crypto.verify(key, message, signature.subarray(1))).toBe(false);
    }
  });

  it("answers false for keys that are no points", () => {
    const signature = new Uint8Array(64).fill(1);
    expect(crypto.ed25519Verify(fromHex("02".padEnd(64, "0")), ascii("x"), signature)).toBe(false);
    expect(crypto.ed25519Verify(new Uint8Array(31), ascii("x"), signature)).toBe(false);
    expect(crypto.p256Verify(fromHex(`04${"11".repeat(64)}`), ascii("x"), signature)).toBe(false);
    expect(crypto.p256Verify(fromHex(`02${"11".repeat(32)}`), ascii("x"), signature)).toBe(false);
    expect(crypto.p256Verify(new Uint8Array(65), ascii("x"), signature)).toBe(false);
  });

  it("refuses Ed25519 keys of small order and non-canonical ones", () => {
    // With the identity as key, R = identity and S = 0 fit every message in a naive verifier.
    const signature = concatBytes(fromHex("01".padEnd(64, "0")), new Uint8Array(32));
    const keys = [
      `01${"00".repeat(31)}`, // identity
      `01${"00".repeat(30)}80`, // identity, sign bit set
      `ec${"ff".repeat(30)}7f`, // order 2
      `ec${"ff".repeat(30)}ff`,
      `00${"00".repeat(31)}`, // order 4
      `00${"00".repeat(30)}80`,
      "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", // order 8
      "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
      `ee${"ff".repeat(30)}7f`, // identity as p + 1
      `ed${"ff".repeat(30)}7f`, // order 4 as p
    ];
    for (const key of keys) expect(crypto.ed25519Verify(fromHex(key), ascii("x"), signature)).toBe(false);
  });

  it("checks the equation without the cofactor", () => {
    // A signer adds a point of order 8 to R: the cofactored equation holds, the plain one does not.
    const { Point } = ed25519;
    const seed = fromHex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
    const { head, scalar, pointBytes } = ed25519.utils.getExtendedPublicKey(seed);
    expect(head).toHaveLength(32);
    const torsion = Point.fromHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a");
    const r = 123_456_789n;
    const encodedR = Point.BASE.multiply(r).add(torsion).toBytes();
    const message = ascii("x");
    const k = ed25519ChallengeOf(encodedR, pointBytes, message);
    const s = Point.Fn.create(r + k * scalar);
    const signature = concatBytes(encodedR, littleEndian32(s));
    expect(ed25519.verify(signature, message, pointBytes, { zip215: false })).toBe(true);
    expect(crypto.ed25519Verify(pointBytes, message, signature)).toBe(false);
  });

  it("refuses S at or above the group order", () => {
    const v = ed25519Vectors[1];
    if (v === undefined) throw new Error("no vector");
    const signature = fromHex(v.sig);
    const s = bigintOf(signature.subarray(32)) + ed25519.Point.Fn.ORDER;
    const malleated = concatBytes(signature.subarray(0, 32), littleEndian32(s));
    expect(crypto.ed25519Verify(fromHex(v.pub), fromHex(v.msg), malleated)).toBe(false);
  });

  it("takes the scalar one below the group order", () => {
    const largest = p256Order.slice();
    largest[31] = 0x50;
    const key = crypto.p256FromSecret(largest);
    // (n − 1)·G = −G: the generator's x (SP 800-186 §3.2.1.3).
    expect(toHex(key.publicKey.subarray(1, 33))).toBe(
      "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
    );
  });

  it("throws on unfit keys of one's own", () => {
    const codes = [
      () => crypto.ed25519Sign(new Uint8Array(31), ascii("x")),
      () => crypto.p256Sign(new Uint8Array(33), ascii("x")),
      () => crypto.p256FromSecret(new Uint8Array(32)),
      () => crypto.p256FromSecret(new Uint8Array(32).fill(0xff)),
      () => crypto.p256FromSecret(p256Order),
      () =>
        crypto.sign(
          { alg: "ES256", publicKey: new Uint8Array(32), secretKey: new Uint8Array(32) },
          ascii("x"),
        ),
    ].map((run) => {
      try {
        run();
        return "no error";
      } catch (error) {
        return error instanceof crypto.CryptoError ? error.code : String(error);
      }
    });
    expect(codes).toEqual(["bad-length", "bad-length", "bad-key", "bad-key", "bad-key", "bad-length"]);
  });
});

describe("keys in PEM", () => {
  // RFC 8410 §10.1 and §10.3
  const publicPem = `-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PUBLIC KEY-----
`;
  const privatePem = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
-----END PRIVATE KEY-----
`;

  it("reads and writes the keys of RFC 8410", () => {
    const key = nodeModule.signingKeyFromPem(privatePem);
    expect(toHex(key.secretKey)).toBe("d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842");
    expect(toHex(key.publicKey)).toBe("19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1");
    expect(nodeModule.signingKeyToPem(key)).toBe(privatePem);
    expect(nodeModule.verifyKeyToPem(key)).toBe(publicPem);
    expect(nodeModule.verifyKeyFromPem(publicPem)).toEqual({ alg: "EdDSA", publicKey: key.publicKey });
  });

  it("round-trips P-256 keys", () => {
    const key = nodeModule.p256Generate();
    expect(nodeModule.signingKeyFromPem(nodeModule.signingKeyToPem(key))).toEqual(key);
    const { alg, publicKey } = key;
    expect(nodeModule.verifyKeyFromPem(nodeModule.verifyKeyToPem(key))).toEqual({ alg, publicKey });
  });

  it("refuses other texts and other keys", () => {
    // An X25519 key (RFC 8410 §10.1 shape, OID 1.3.101.110): fine PEM, no signature key.
    const x25519 = `-----BEGIN PUBLIC KEY-----
MCowBQYDK2VuAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PUBLIC KEY-----
`;
    const code = (run: () => unknown) => {
      try {
        run();
        return "no error";
      } catch (error) {
        return error instanceof nodeModule.CryptoError ? error.code : String(error);
      }
    };
    expect(code(() => nodeModule.verifyKeyFromPem("hello"))).toBe("bad-encoding");
    expect(code(() => nodeModule.signingKeyFromPem(publicPem))).toBe("bad-encoding");
    expect(code(() => nodeModule.verifyKeyFromPem(x25519))).toBe("bad-key");
  });
});

function bigintOf(littleEndian: Uint8Array): bigint {
  let value = 0n;
  for (const byte of littleEndian.toReversed()) value = (value << 8n) | BigInt(byte);
  return value;
}

function littleEndian32(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
}

function ed25519ChallengeOf(encodedR: Uint8Array, publicKey: Uint8Array, message: Uint8Array): bigint {
  const digest = new Uint8Array(
    createHash("sha512")
      .update(concatBytes(encodedR, publicKey, message))
      .digest(),
  );
  return bigintOf(digest) % ed25519.Point.Fn.ORDER;
}
