import { encode, rfc8949EncodeOptions, Tagged } from "cborg";
import { describe, expect, it } from "vitest";
import { COSE_MAX_BYTES, concatBytes, coseVerify1, ed25519FromSecret, fromHex, toHex } from "./node/index.ts";

// cose-wg/Examples eddsa-sig-01, taken apart.
const key = ed25519FromSecret(fromHex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
const whole =
  "d28445a201270300a10442313154546869732069732074686520636f6e74656e742e5840" +
  "7142fd2ff96d56db85bee905a76ba1d0b7321a95c8c4d3607c5781932b7afb87" +
  "11497dfa751bf40b58b3bcc32300b1487f3db34085eef013bf08f4a44d6fef0d";
const protectedBytes = fromHex("a201270300");
const payload = new TextEncoder().encode("This is the content.");
const signature = fromHex(whole.slice(-128));
const kid = new Map([[4, fromHex("3131")]]);

const reasonOf = (message: Uint8Array) => {
  const result = coseVerify1({ message, key });
  return result.verified ? "verified" : result.reason;
};
const encoded = (value: unknown) => encode(value, rfc8949EncodeOptions);

describe("a COSE_Sign1 out of form", () => {
  it("is verified when whole", () => {
    expect(reasonOf(fromHex(whole))).toBe("verified");
    expect(toHex(encoded(new Tagged(18, [protectedBytes, kid, payload, signature])))).toBe(whole);
  });

  it("is refused at every length but its own", () => {
    const message = fromHex(whole);
    for (let length = 0; length < message.length; length += 1) {
      expect(reasonOf(message.subarray(0, length))).toBe("malformed");
    }
    expect(reasonOf(concatBytes(message, fromHex("00")))).toBe("malformed");
    expect(reasonOf(concatBytes(message, message))).toBe("malformed");
  });

  it.each([
    ["no tag", whole.slice(2)],
    ["another tag (COSE_Mac0)", `d1${whole.slice(2)}`],
    ["tag 18 in two bytes", `d812${whole.slice(2)}`],
    ["tag twice", `d2${whole}`],
    ["array of unknown length", `d29f${whole.slice(4)}ff`],
    ["array length in two bytes", `d29804${whole.slice(4)}`],
    ["protected header length in two bytes", `d2845805${whole.slice(6)}`],
    ["payload in chunks", whole.replace("54546869", "5f54546869").replace("2e5840", "2eff5840")],
    ["kid in the wrong place: map length in two bytes", whole.replace("a10442", "b8010442")],
    ["duplicate kid", whole.replace("a104423131", "a20442313104423131")],
    ["unsorted protected header", whole.replace("45a201270300", "45a203000127")],
    ["duplicate alg", whole.replace("45a201270300", "47a3012701270300")],
    ["alg with a long integer", whole.replace("45a201270300", "46a20138070300")],
    ["protected header not a map", whole.replace("45a201270300", "420127")],
    ["protected header with trailing bytes", whole.replace("45a201270300", "46a20127030000")],
    ["protected header with label true", whole.replace("45a201270300", "45a20127f500")],
  ])("is refused with %s", (_what, hex) => {
    expect(hex).not.toBe(whole);
    expect(reasonOf(fromHex(hex))).toBe("malformed");
  });

  it.each<[string, unknown]>([
    ["three elements", [protectedBytes, kid, payload]],
    ["five elements", [protectedBytes, kid, payload, signature, 0]],
    ["a detached payload", [protectedBytes, kid, null, signature]],
    ["a payload of text", [protectedBytes, kid, "This is the content.", signature]],
    ["a short signature", [protectedBytes, kid, payload, signature.subarray(1)]],
    ["a long signature", [protectedBytes, kid, payload, concatBytes(signature, fromHex("00"))]],
    ["a signature of text", [protectedBytes, kid, payload, "x".repeat(64)]],
    ["a protected header as a map", [new Map([[1, -8]]), kid, payload, signature]],
    ["an unprotected header as bytes", [protectedBytes, fromHex("a0"), payload, signature]],
    ["an unprotected header as an array", [protectedBytes, [], payload, signature]],
    ["alg outside the signature too", [protectedBytes, new Map([[1, -8]]), payload, signature]],
    ["crit outside the signature", [protectedBytes, new Map([[2, [4]]]), payload, signature]],
    ["content type in both headers", [protectedBytes, new Map([[3, 0]]), payload, signature]],
    ["kid as text", [protectedBytes, new Map([[4, "11"]]), payload, signature]],
    ["kid as a number", [protectedBytes, new Map([[4, 11]]), payload, signature]],
    [
      "content type negative",
      [
        encoded(
          new Map([
            [1, -8],
            [3, -1],
          ]),
        ),
        kid,
        payload,
        signature,
      ],
    ],
    [
      "content type as bytes",
      [
        encoded(
          new Map<number, unknown>([
            [1, -8],
            [3, payload],
          ]),
        ),
        kid,
        payload,
        signature,
      ],
    ],
    ["a map instead of an array", new Map([[1, protectedBytes]])],
  ])("is refused with %s", (_what, value) => {
    expect(reasonOf(encoded(new Tagged(18, value)))).toBe("malformed");
  });

  it("is refused when deeply nested or too long", () => {
    const deep = concatBytes(fromHex("d284"), new Uint8Array(200_000).fill(0x81), fromHex("00"));
    expect(reasonOf(deep)).toBe("malformed");
    expect(reasonOf(new Uint8Array(COSE_MAX_BYTES + 1))).toBe("malformed");
  });

  it("is refused when any byte of what is signed changes", () => {
    const message = fromHex(whole);
    const payloadOffset = message.length - 66 - payload.length;
    for (let index = payloadOffset; index < message.length; index += 7) {
      if (index === message.length - 66 || index === message.length - 65) continue;
      const changed = message.slice();
      changed[index] = (changed[index] ?? 0) ^ 0x01;
      expect(reasonOf(changed)).toBe("bad-signature");
    }
  });
});
