import { primitives, x25519PublicKey } from "@menshen/crypto/node";
import { CREDENTIAL_KINDS } from "@menshen/domain";
import fc from "fast-check";
import { expect, it } from "vitest";
import { CustodyError } from "./errors.ts";
import { encodeIdentityText, parseIdentityText } from "./identity-text.ts";
import { makeTrailOpener, wrapTrail } from "./trail-wrap.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 200);
const secretKey = new Uint8Array(32).fill(5);
const recipient = x25519PublicKey(secretKey);
const open = await makeTrailOpener(secretKey);
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

it("reads what was wrapped", async () => {
  const text = fc.record({
    kind: fc.constantFrom(...CREDENTIAL_KINDS),
    granted: fc.boolean(),
    reason: fc.integer({ min: 0, max: 255 }),
    timeMs: fc.maxSafeNat(),
    accessPoint: bytes(16),
    sequence: fc.maxSafeNat(),
    credential: bytes(8),
  });
  await fc.assert(
    fc.asyncProperty(text, async (written) => {
      expect(await open(wrapTrail(primitives, recipient, written))).toEqual(written);
    }),
    { numRuns },
  );
});

it("answers any bytes with nothing", async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(bytes(96), fc.uint8Array({ maxLength: 200 })), async (wrap) => {
      expect(await open(wrap)).toBeUndefined();
    }),
    { numRuns },
  );
});

it("answers any identity with a value that is written the same again, or a refusal", () => {
  const tagged = fc
    .tuple(fc.constantFrom(0, 1, 2), fc.integer({ min: 0, max: 12 }), bytes(24))
    .map(([version, kind, rest]) => Uint8Array.from([version, kind, ...rest, 0, 0, 0, 0, 0, 0]));
  fc.assert(
    fc.property(fc.oneof(tagged, fc.uint8Array({ maxLength: 40 })), (input) => {
      try {
        expect(encodeIdentityText(parseIdentityText(input))).toEqual(input);
      } catch (error) {
        if (!(error instanceof CustodyError)) throw error;
      }
    }),
    { numRuns },
  );
});
