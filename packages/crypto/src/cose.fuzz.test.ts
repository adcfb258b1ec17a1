import fc from "fast-check";
import { expect, it } from "vitest";
import { coseSign1, coseVerify1, ed25519Generate, fromHex } from "./node/index.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 300);
const key = ed25519Generate();
const example = coseSign1({ payload: fromHex("a1010203"), key, kid: fromHex("01"), contentType: 60 });

it("any bytes give a refusal, never an exception", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (message) => {
      expect(coseVerify1({ message, key }).verified).toBe(false);
      const tagged = Uint8Array.from([0xd2, 0x84, ...message]);
      expect(coseVerify1({ message: tagged, key }).verified).toBe(false);
    }),
    { numRuns },
  );
});

it("a mutated message is refused, or says the same", () => {
  const original = coseVerify1({ message: example, key });
  if (!original.verified) throw new Error("the example does not verify");
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(example.length - 1), fc.integer({ min: 1, max: 255 })), {
        minLength: 1,
        maxLength: 3,
      }),
      (changes) => {
        const message = example.slice();
        for (const [index, mask] of changes) message[index] = (message[index] ?? 0) ^ mask;
        const result = coseVerify1({ message, key });
        // Only the key identifier lies outside the signature.
        if (result.verified) expect(result.payload).toEqual(original.payload);
      },
    ),
    { numRuns },
  );
});

it("any payload and additional data come back as they were", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 500 }),
      fc.uint8Array({ maxLength: 50 }),
      (payload, externalAad) => {
        const result = coseVerify1({ message: coseSign1({ payload, key, externalAad }), key, externalAad });
        expect(result).toEqual({ verified: true, payload, alg: "EdDSA" });
      },
    ),
    { numRuns },
  );
});
