import fc from "fast-check";
import { expect, test } from "vitest";
import { readRecoveryCode, recoveryCodeOf } from "./recovery-code.ts";

/** Any characters of Unicode, letters of codes among them. */
const anyText = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0x10ffff }), fc.integer({ min: 0x20, max: 0x7e })), {
    maxLength: 80,
  })
  .map((points) => String.fromCodePoint(...points));
const numRuns = Number(process.env.FUZZ_RUNS ?? 100);

test("every seed comes back from its code", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (seed) => {
      expect(readRecoveryCode(recoveryCodeOf(seed))).toEqual({ read: true, seed });
    }),
    { numRuns },
  );
});

test("any text is read or refused, without throwing", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(typeof readRecoveryCode(text).read).toBe("boolean");
    }),
    { numRuns },
  );
});
