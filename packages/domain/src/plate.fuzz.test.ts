import fc from "fast-check";
import { expect, test } from "vitest";
import { DomainError, parsePlate } from "./index.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 300);
const plateLike = fc
  .array(fc.constantFrom(..."沪京粤ABIOZ019·- 港挂ａ"), { maxLength: 12 })
  .map((characters) => characters.join(""));

function tried(text: string): string | undefined {
  try {
    return parsePlate(text);
  } catch (fault) {
    if (fault instanceof DomainError) return undefined;
    throw fault;
  }
}

test("any text is one plate in one spelling, or refused", () => {
  fc.assert(
    fc.property(fc.oneof(plateLike, fc.string({ unit: "binary", maxLength: 40 })), (text) => {
      const plate = tried(text);
      if (plate === undefined) return;
      expect(parsePlate(plate)).toBe(plate);
      expect(parsePlate(plate.toLowerCase().split("").join(" "))).toBe(plate);
    }),
    { numRuns },
  );
});
