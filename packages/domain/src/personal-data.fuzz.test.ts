import fc from "fast-check";
import { expect, test } from "vitest";
import { personalDataIn } from "./personal-data.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 200);

test("any text is judged, always alike, and a number is found wherever it stands", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.array(fc.string(), { maxLength: 3 }), (text, names) => {
      expect(personalDataIn(text, names)).toEqual(personalDataIn(text, names));
      expect(personalDataIn(`${text} 13812345678 号`)).toContain("phone");
      expect(personalDataIn(`${text}，11010519491231002X，`)).toContain("id-number");
    }),
    { numRuns },
  );
});
