import fc from "fast-check";
import { expect, it } from "vitest";
import { bytes, crypto, sha256, vectors } from "../evidence.fixture.ts";
import { formatVerifierKey, noteKey, parseVerifierKey } from "./note-key.ts";
import { formatNote, parseNote } from "./signed-note.ts";
import { verifyNote } from "./verify-note.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 300);
/** Hostile input is what needs many runs. */
const roundTripRuns = Math.ceil(numRuns / 8);
const { vkey, note } = vectors.signed_note;
const parsedKey = parseVerifierKey(sha256, vkey);
const keys = parsedKey.parsed ? [parsedKey.key] : [];

// Any characters; what a note cannot hold becomes what it can.
const texts = fc.string({ unit: "grapheme" }).map((content) => `${content.replaceAll(/\p{Cc}/gu, "\n")}\n`);
const names = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 20 })
  .map((content) => content.replaceAll(/[\p{Cc}\p{White_Space}+]/gu, "-"));

it("any bytes are refused, or are the one spelling of their note", () => {
  const like = fc.array(fc.constantFrom("\n", "— ", "a", " ", "AAAAAAA=", "Uw2QOkn8", "+", "\t"));
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        like.map((parts) => bytes(parts.join(""))),
      ),
      (content) => {
        const parsed = parseNote(content);
        if (parsed !== undefined) expect(formatNote(parsed)).toEqual(content);
        expect(verifyNote(crypto, content, keys).verified).toBe(false);
      },
    ),
    { numRuns },
  );
});

it("every note comes back as it was", () => {
  const signatures = fc.array(
    fc.record({
      name: names,
      keyId: fc.stringMatching(/^[0-9a-f]{8}$/),
      signature: fc.uint8Array({ minLength: 1, maxLength: 100 }),
    }),
    { minLength: 1, maxLength: 4 },
  );
  fc.assert(
    fc.property(texts, signatures, (text, lines) => {
      expect(parseNote(formatNote({ text, signatures: lines }))).toEqual({ text, signatures: lines });
    }),
    { numRuns: roundTripRuns },
  );
});

it("a mutated note is refused, or says the same under the same key", () => {
  const original = bytes(note);
  fc.assert(
    fc.property(fc.nat(original.length - 1), fc.integer({ min: 1, max: 255 }), (place, mask) => {
      const mutated = original.slice();
      mutated[place] = (mutated[place] ?? 0) ^ mask;
      expect(verifyNote(crypto, mutated, keys).verified).toBe(false);
    }),
    { numRuns },
  );
});

it("a text is refused, or is the one spelling of its verifier key", () => {
  const mutated = fc.tuple(fc.nat(vkey.length - 1), fc.string({ minLength: 0, maxLength: 2 }));
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        mutated.map(([at, put]) => vkey.slice(0, at) + put + vkey.slice(at + 1)),
      ),
      (text) => {
        const result = parseVerifierKey(sha256, text);
        if (result.parsed) expect(formatVerifierKey(result.key)).toBe(text);
      },
    ),
    { numRuns },
  );
});

it("every key comes back from its text", () => {
  const types = fc.constantFrom("ed25519" as const, "ed25519-cosignature" as const);
  const publicKeys = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(names, types, publicKeys, (name, type, publicKey) => {
      const key = noteKey(sha256, { name, type, publicKey });
      expect(parseVerifierKey(sha256, formatVerifierKey(key))).toEqual({ parsed: true, key });
    }),
    { numRuns: roundTripRuns },
  );
});
