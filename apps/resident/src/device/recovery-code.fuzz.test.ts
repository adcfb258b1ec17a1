import fc from "fast-check";
import { expect, test } from "vitest";
import { readRecoveryCode, recoveryCodeOf } from "./recovery-code.ts";

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
    fc.property(fc.string({ unit: "binary", maxLength: 80 }), (text) => {
      expect(typeof readRecoveryCode(text).read).toBe("boolean");
    }),
    { numRuns },
  );
});
