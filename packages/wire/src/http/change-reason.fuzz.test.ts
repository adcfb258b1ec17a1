import fc from "fast-check";
import { expect, test } from "vitest";
import { CHANGE_REASON_CODES, decodeChangeReason, encodeChangeReason } from "./change-reason.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 500);

test("any text decodes to nothing or to what encodes back to the same reason", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string({ unit: "binary" }).map((text) => `test;${text}`),
      ),
      (value) => {
        const reason = decodeChangeReason(value);
        if (reason === undefined) return;
        expect(decodeChangeReason(encodeChangeReason(reason))).toEqual(reason);
      },
    ),
    { numRuns },
  );
});

test("every reason survives the header", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...CHANGE_REASON_CODES),
      fc.string({ minLength: 1, maxLength: 100, unit: "grapheme" }).filter((text) => text.trim() !== ""),
      (code, text) => {
        expect(decodeChangeReason(encodeChangeReason({ code, text }))).toEqual({ code, text: text.trim() });
      },
    ),
    { numRuns },
  );
});
