import fc from "fast-check";
import { expect, test } from "vitest";
import { type CanonicalJson, canonicalJson, parseCanonicalJson } from "./canonical-json.ts";
import { DomainError } from "./errors.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 500);

const { value } = fc.letrec<{ value: CanonicalJson }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.string({ unit: "grapheme" }),
    fc.maxSafeInteger().map((number) => number + 0),
    fc.boolean(),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.string({ unit: "grapheme" }), tie("value"), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

test("what is written is read again, and there is no other text for it", () => {
  fc.assert(
    fc.property(value, (any) => {
      const text = canonicalJson(any);
      expect(canonicalJson(parseCanonicalJson(text))).toBe(text);
      expect(JSON.parse(text)).toEqual(any);
    }),
    { numRuns },
  );
});

test("any text is refused by name or is its own canonical form", () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string({ unit: "binary" })), (text) => {
      try {
        expect(canonicalJson(parseCanonicalJson(text))).toBe(text);
      } catch (error) {
        expect(error).toBeInstanceOf(DomainError);
      }
    }),
    { numRuns },
  );
});

test("one changed character is refused or says something else", () => {
  fc.assert(
    fc.property(value, fc.nat(), fc.string({ minLength: 1, maxLength: 1 }), (any, at, character) => {
      const text = canonicalJson(any);
      const changed = text.slice(0, at % text.length) + character + text.slice((at % text.length) + 1);
      if (changed === text) return;
      try {
        expect(parseCanonicalJson(changed)).not.toEqual(any);
      } catch (error) {
        expect(error).toBeInstanceOf(DomainError);
      }
    }),
    { numRuns },
  );
});
