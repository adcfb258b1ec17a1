import { decode, encode, rfc8949EncodeOptions, Tagged } from "cborg";
import { describe, expect, it } from "vitest";
import generic from "../vectors/generic-crypto.json" with { type: "json" };
import * as browserModule from "./index.ts";
import * as nodeModule from "./node/index.ts";

const { fromHex, toHex } = nodeModule;
const ascii = (text: string) => new TextEncoder().encode(text);

const published = generic.groups.flatMap((group) =>
  group.name === "COSE_Sign1 EdDSA" ? group.vectors.flatMap((v) => ("coseSign1" in v ? [v] : [])) : [],
);

describe.each([
  ["browser", browserModule, nodeModule],
  ["node", nodeModule, browserModule],
])("COSE_Sign1 of the %s module", (_name, crypto, other) => {
  it("writes and reads the published example", () => {
    expect(published).toHaveLength(1);
    for (const v of published) {
      const key = crypto.ed25519FromSecret(fromHex(v.secret));
      expect(toHex(key.publicKey)).toBe(v.pub);
      const input = { payload: fromHex(v.payload), key, kid: fromHex(v.kid), contentType: 0 };
      expect(toHex(crypto.coseSign1(input))).toBe(v.coseSign1);
      expect(crypto.coseVerify1({ message: fromHex(v.coseSign1), key })).toEqual({
        verified: true,
        payload: ascii("This is the content."),
        alg: "EdDSA",
        kid: ascii("11"),
        contentType: 0,
      });
    }
  });

  it("lets the lookup of the key see the payload, for messages that name their signer in it", () => {
    const key = crypto.p256Generate();
    const message = crypto.coseSign1({ payload: ascii("from me"), key });
    const seen: string[] = [];
    const lookup = (_kid: Uint8Array | undefined, payload: Uint8Array) => {
      seen.push(new TextDecoder().decode(payload));
      return key;
    };
    expect(crypto.coseVerify1({ message, key: lookup })).toMatchObject({ verified: true });
    expect(seen).toEqual(["from me"]);
  });

  it("reads what the other module signed, for both algorithms", () => {
    for (const key of [other.ed25519Generate(), other.p256Generate()]) {
      const externalAad = ascii("menshen/journal/v1");
      const message = other.coseSign1({ payload: ascii("entry"), key, kid: fromHex("01"), externalAad });
      expect(crypto.coseVerify1({ message, key, externalAad })).toEqual({
        verified: true,
        payload: ascii("entry"),
        alg: key.alg,
        kid: fromHex("01"),
      });
      expect(crypto.coseVerify1({ message, key })).toEqual({ verified: false, reason: "bad-signature" });
      expect(crypto.coseVerify1({ message, key, externalAad: ascii("menshen/modes/v1") })).toEqual({
        verified: false,
        reason: "bad-signature",
      });
    }
  });

  it("looks the key up by its identifier", () => {
    const key = crypto.ed25519Generate();
    const asked: (string | undefined)[] = [];
    const keyFor = (kid: Uint8Array | undefined) => {
      asked.push(kid === undefined ? undefined : toHex(kid));
      return kid === undefined ? undefined : key;
    };
    const named = crypto.coseSign1({ payload: ascii("x"), key, kid: fromHex("0a0b") });
    const nameless = crypto.coseSign1({ payload: ascii("x"), key });
    expect(crypto.coseVerify1({ message: named, key: keyFor }).verified).toBe(true);
    expect(crypto.coseVerify1({ message: nameless, key: keyFor })).toEqual({
      verified: false,
      reason: "unknown-key",
    });
    expect(asked).toEqual(["0a0b", undefined]);
  });

  it("refuses a key of the other algorithm, and another key of the same", () => {
    const key = crypto.ed25519Generate();
    const message = crypto.coseSign1({ payload: ascii("x"), key });
    const reasonWith = (wrong: nodeModule.VerifyKey) => {
      const result = crypto.coseVerify1({ message, key: wrong });
      return result.verified ? "verified" : result.reason;
    };
    expect(reasonWith(crypto.p256Generate())).toBe("wrong-algorithm");
    expect(reasonWith(crypto.ed25519Generate())).toBe("bad-signature");
  });

  it("keeps headers it does not know, and refuses critical ones", () => {
    const key = crypto.ed25519Generate();
    const sign = (header: Map<unknown, unknown>) => signedByHand(crypto, key, header);
    const reasonOf = (message: Uint8Array) => {
      const result = crypto.coseVerify1({ message, key });
      return result.verified ? "verified" : result.reason;
    };
    const alg: [unknown, unknown] = [1, -8];
    expect(reasonOf(sign(new Map([alg, [99, "later"]])))).toBe("verified");
    expect(reasonOf(sign(new Map([alg, [2, [1, 3]], [3, "text/plain"]])))).toBe("verified");
    expect(reasonOf(sign(new Map([alg, [2, [99]], [99, 1]])))).toBe("unknown-critical-header");
    expect(reasonOf(sign(new Map([alg, [2, ["x"]], ["x", 1]])))).toBe("unknown-critical-header");
    expect(reasonOf(sign(new Map([alg, [2, []]])))).toBe("malformed");
    expect(reasonOf(sign(new Map([alg, [2, [99]]])))).toBe("malformed");
    expect(reasonOf(sign(new Map([alg, [2, 99]])))).toBe("malformed");
    expect(reasonOf(sign(new Map([[1, -37]])))).toBe("unsupported-algorithm");
    expect(reasonOf(sign(new Map([[1, "EdDSA"]])))).toBe("unsupported-algorithm");
    expect(reasonOf(sign(new Map()))).toBe("unsupported-algorithm");
  });
});

/** A well-signed message with any protected header. */
function signedByHand(
  crypto: typeof nodeModule | typeof browserModule,
  key: nodeModule.SigningKey,
  header: Map<unknown, unknown>,
): Uint8Array {
  const protectedBytes = encode(header, rfc8949EncodeOptions);
  const payload = ascii("payload");
  const toBeSigned = encode(["Signature1", protectedBytes, new Uint8Array(), payload], rfc8949EncodeOptions);
  const array = [protectedBytes, new Map(), payload, crypto.sign(key, toBeSigned)];
  return encode(new Tagged(18, array), rfc8949EncodeOptions);
}

describe("the encoding", () => {
  it("is a tagged array of four, alg protected", () => {
    const key = nodeModule.p256Generate();
    const message = nodeModule.coseSign1({ payload: ascii("x"), key, kid: fromHex("01") });
    expect(toHex(message.subarray(0, 6))).toBe("d28443a10126");
    const decoded: unknown = decode(message, { useMaps: true, tags: Tagged.preserve(18) });
    expect(decoded).toBeInstanceOf(Tagged);
  });
});
