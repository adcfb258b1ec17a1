import fc from "fast-check";
import { expect, it } from "vitest";
import { bytes, crypto, identity, signedCheckpoint, storedLog } from "../evidence.fixture.ts";
import { formatCheckpoint, parseCheckpoint } from "./checkpoint.ts";
import { openCheckpoint } from "./open-checkpoint.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 300);
/** Hostile input is what needs many runs. */
const roundTripRuns = Math.ceil(numRuns / 8);
const root = "Gkzfy2Y3SgwNy+9JrL1JdtE+6GT7PLJB/JQ8rQTwL34=";

it("a text is refused, or is the one spelling of its checkpoint", () => {
  const like = fc.array(fc.constantFrom("\n", "log", "1", "0", "70000", root, root, " ", "=", "\t"), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        like.map((parts) => `log\n${parts.join("\n")}\n`),
      ),
      (text) => {
        const checkpoint = parseCheckpoint(text);
        if (checkpoint !== undefined) expect(formatCheckpoint(checkpoint)).toBe(text);
      },
    ),
    { numRuns },
  );
});

it("every checkpoint comes back from its text", () => {
  const lines = fc
    .string({ unit: "grapheme", minLength: 1 })
    .map((content) => content.replaceAll(/\p{Cc}/gu, "-"));
  fc.assert(
    fc.property(
      fc.record({
        origin: lines,
        size: fc.maxSafeNat(),
        root: fc.uint8Array({ minLength: 32, maxLength: 32 }),
        extensions: fc.array(lines, { maxLength: 3 }),
      }),
      (checkpoint) => {
        expect(parseCheckpoint(formatCheckpoint(checkpoint))).toEqual(checkpoint);
      },
    ),
    { numRuns: roundTripRuns },
  );
});

it("no bytes and no mutation open under the log's key", () => {
  const { note } = signedCheckpoint(storedLog(3).head);
  const mutations = fc
    .tuple(fc.nat(note.length - 1), fc.integer({ min: 1, max: 255 }))
    .map(([place, mask]) => note.map((byte, i) => (i === place ? byte ^ mask : byte)));
  fc.assert(
    fc.property(fc.oneof(mutations, fc.uint8Array(), fc.string().map(bytes)), (content) => {
      expect(openCheckpoint(crypto, content, identity).opened).toBe(false);
    }),
    { numRuns },
  );
});
