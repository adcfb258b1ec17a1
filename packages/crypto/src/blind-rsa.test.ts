import * as nodeCrypto from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import rfc9474 from "../vectors/rfc9474.json" with { type: "json" };
import { blindRsaFinish, blindRsaRequest, CryptoError, fromHex, randomBytes, toHex } from "./index.ts";
import {
  blindRsaGenerate,
  blindRsaSign,
  blindRsaVerify,
  p256Generate,
  verifyKeyToPem,
} from "./node/index.ts";

const message = new TextEncoder().encode("one visit");
const issuer = blindRsaGenerate();

/** The key of RFC 9474 appendix A.1 as DER. */
function keyOf(v: (typeof rfc9474.vectors)[number]) {
  const [n, d, p, q] = [v.n, v.d, v.p, v.q].map((hex) => BigInt(`0x${hex}`)) as [
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  const url = (value: bigint) => {
    const hex = value.toString(16);
    return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex").toString("base64url");
  };
  const inverse = power(q, p - 2n, p);
  const jwk = {
    ...{ kty: "RSA", e: "AQAB", n: url(n), d: url(d), p: url(p), q: url(q) },
    ...{ dp: url(d % (p - 1n)), dq: url(d % (q - 1n)), qi: url(inverse) },
  };
  const secret = nodeCrypto.createPrivateKey({ key: jwk, format: "jwk" });
  const publicKey = nodeCrypto.createPublicKey(secret).export({ type: "spki", format: "der" });
  return {
    publicKey: new Uint8Array(publicKey),
    secretKey: new Uint8Array(secret.export({ type: "pkcs8", format: "der" })),
    /** The blinding factor that the RFC tells by its inverse. */
    factor: power(BigInt(`0x${v.inv}`), (p - 1n) * (q - 1n) - 1n, n),
  };
}

function power(base: bigint, exponent: bigint, n: bigint): bigint {
  let [result, square] = [1n, base % n];
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % n;
    square = (square * square) % n;
  }
  return result;
}

describe("RSABSSA-SHA384-PSS-Randomized", () => {
  it("goes as RFC 9474 prints it", () => {
    expect(rfc9474.vectors).toHaveLength(1);
    for (const v of rfc9474.vectors) {
      const { publicKey, secretKey, factor } = keyOf(v);
      const draws = [v.msg_prefix, v.salt, factor.toString(16).padStart(1024, "0")].map((hex) =>
        fromHex(hex),
      );
      const request = blindRsaRequest(publicKey, fromHex(v.msg), () => draws.shift() ?? new Uint8Array());
      expect(toHex(request.prepared)).toBe(v.input_msg);
      expect(toHex(request.blinded)).toBe(v.blinded_msg);
      expect(toHex(request.inverse)).toBe(v.inv.padStart(1024, "0"));
      const blindSignature = blindRsaSign(secretKey, request.blinded) ?? new Uint8Array();
      expect(toHex(blindSignature)).toBe(v.blind_sig);
      const signature = blindRsaFinish(publicKey, request, blindSignature) ?? new Uint8Array();
      expect(toHex(signature)).toBe(v.sig);
      expect(blindRsaVerify(publicKey, request.prepared, signature)).toBe(true);
    }
  });

  it("verifies as what it is: plain RSASSA-PSS", () => {
    const request = blindRsaRequest(issuer.publicKey, message, randomBytes);
    const blindSignature = blindRsaSign(issuer.secretKey, request.blinded) ?? new Uint8Array();
    const signature = blindRsaFinish(issuer.publicKey, request, blindSignature) ?? new Uint8Array();
    expect(signature).toHaveLength(256);
    expect(blindRsaVerify(issuer.publicKey, request.prepared, signature)).toBe(true);
    expect(blindRsaVerify(issuer.publicKey, message, signature)).toBe(false);
    expect(blindRsaVerify(blindRsaGenerate().publicKey, request.prepared, signature)).toBe(false);
  });

  it("shows the signer nothing that comes back in the token", () => {
    const first = blindRsaRequest(issuer.publicKey, message, randomBytes);
    const second = blindRsaRequest(issuer.publicKey, message, randomBytes);
    expect(first.blinded).not.toEqual(second.blinded);
    const blindSignature = blindRsaSign(issuer.secretKey, first.blinded) ?? new Uint8Array();
    expect(blindRsaFinish(issuer.publicKey, first, blindSignature)).not.toEqual(blindSignature);
    // What the signer saw of one request fits the token of another just as well: only the factor tells.
    expect(blindRsaFinish(issuer.publicKey, second, blindSignature)).toBeUndefined();
  });

  it("takes nothing from a signer who signed something else", () => {
    const request = blindRsaRequest(issuer.publicKey, message, randomBytes);
    const good = blindRsaSign(issuer.secretKey, request.blinded) ?? new Uint8Array();
    const bad = good.slice();
    bad[128] = (bad[128] ?? 0) ^ 1;
    for (const answer of [bad, good.subarray(1), new Uint8Array(256), new Uint8Array()]) {
      expect(blindRsaFinish(issuer.publicKey, request, answer)).toBeUndefined();
    }
  });

  it("signs no number that is not below the modulus", () => {
    for (const blinded of [
      new Uint8Array(256).fill(255),
      new Uint8Array(255),
      new Uint8Array(257),
      message,
    ]) {
      expect(blindRsaSign(issuer.secretKey, blinded)).toBeUndefined();
    }
    expect(() => blindRsaSign(message, new Uint8Array(256))).toThrow(
      expect.objectContaining({ code: "bad-key" }),
    );
  });

  it("draws again when the factor is not below the modulus", () => {
    let draws = 0;
    const random = (lengthBytes: number) => {
      draws += 1;
      return draws === 3 ? new Uint8Array(lengthBytes).fill(255) : randomBytes(lengthBytes);
    };
    blindRsaRequest(issuer.publicKey, message, random);
    expect(draws).toBeGreaterThanOrEqual(4);
  });
});

describe("keys", () => {
  const refused = expect.objectContaining({ code: "bad-key" });
  const spki = (bits: number, publicExponent = 65_537) =>
    new Uint8Array(
      nodeCrypto.generateKeyPairSync("rsa", {
        modulusLength: bits,
        publicExponent,
        publicKeyEncoding: { type: "spki", format: "der" },
        privateKeyEncoding: { type: "pkcs8", format: "der" },
      }).publicKey,
    );

  it("are RSA, long enough, and with the usual exponent", () => {
    const ecPem = verifyKeyToPem(p256Generate());
    const ec = new Uint8Array(nodeCrypto.createPublicKey(ecPem).export({ type: "spki", format: "der" }));
    for (const key of [ec, spki(1_024), spki(2_048, 3), issuer.publicKey.subarray(1), new Uint8Array()]) {
      expect(() => blindRsaRequest(key, message, randomBytes)).toThrow(refused);
    }
    expect(blindRsaVerify(ec, message, new Uint8Array(256))).toBe(false);
    expect(blindRsaVerify(new Uint8Array(), message, new Uint8Array(256))).toBe(false);
    expect(blindRsaRequest(spki(3_072), message, randomBytes).blinded).toHaveLength(384);
  });

  it("of any bytes are used or refused", () => {
    const damaged = fc.tuple(fc.nat(40), fc.nat(255)).map(([index, byte]) => {
      const bytes = issuer.publicKey.slice();
      bytes[index] = byte;
      return bytes;
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 400 }), damaged), (key) => {
        try {
          blindRsaRequest(key, message, randomBytes);
        } catch (error) {
          expect(error).toBeInstanceOf(CryptoError);
          expect(error).toMatchObject({ code: "bad-key" });
        }
      }),
      { numRuns: Number(process.env.FUZZ_RUNS ?? 100) },
    );
  });
});
