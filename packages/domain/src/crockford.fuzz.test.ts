import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeCrockford, encodeCrockford, groupCrockford } from "./index.ts";

/** Any characters of Unicode, letters of codes among them. */
const anyText = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0x10ffff }), fc.integer({ min: 0x20, max: 0x7e })), {
    maxLength: 70,
  })
  .map((points) => String.fromCodePoint(...points));
const numRuns = Number(process.env.FUZZ_RUNS ?? 200);

test("every byte string comes back, also grouped and in small letters", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const text = encodeCrockford(bytes);
      expect(decodeCrockford(groupCrockford(text).toLowerCase(), bytes.length)).toEqual(bytes);
    }),
    { numRuns },
  );
});

test("any text is decoded to bytes of one spelling, or refused", () => {
  fc.assert(
    fc.property(anyText, fc.nat(40), (text, lengthBytes) => {
      const bytes = decodeCrockford(text, lengthBytes);
      if (bytes !== undefined) expect(bytes).toHaveLength(lengthBytes);
    }),
    { numRuns },
  );
});
