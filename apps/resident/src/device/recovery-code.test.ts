import { expect, test } from "vitest";
import { readRecoveryCode, recoveryCodeOf, recoveryGroups } from "./recovery-code.ts";

const SEED = Uint8Array.from({ length: 32 }, (_, index) => index);
// Computed by another program (Python).
const CODE = "000G-40R4-0M30-E209-185G-R38E-1W81-24GK-2GAH-C5RR-34D1-P70X-3RFG-VP";

test("a seed has one code, which gives it back in any spelling", () => {
  expect(recoveryCodeOf(SEED)).toBe(CODE);
  expect(readRecoveryCode(CODE)).toEqual({ read: true, seed: SEED });
  const careless = CODE.toLowerCase().replaceAll("-", "  ").replaceAll("0", "o").replaceAll("1", "l");
  expect(readRecoveryCode(careless)).toEqual({ read: true, seed: SEED });
  expect(recoveryGroups(SEED)).toHaveLength(14);
});
