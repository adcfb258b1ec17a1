import fc from "fast-check";
import { expect, it } from "vitest";
import { bytes, text } from "../evidence.fixture.ts";
import { formatAddCheckpoint, parseAddCheckpoint } from "./add-checkpoint.ts";
import { formatLogProof, parseLogProof } from "./log-proof.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 500);
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const hashes = fc.array(hash, { maxLength: 63 });
const checkpoint = fc.string({ unit: "binary" }).map(bytes);

it("proofs come back as they were written", () => {
  fc.assert(
    fc.property(
      fc.maxSafeNat(),
      hashes,
      checkpoint,
      fc.option(fc.uint8Array(), { nil: undefined }),
      (...parts) => {
        const [index, list, note, extra] = parts;
        const proof = { index, hashes: list, checkpoint: note, ...(extra === undefined ? {} : { extra }) };
        expect(parseLogProof(formatLogProof(proof))).toEqual(proof);
      },
    ),
    { numRuns },
  );
});

it("requests to witnesses come back as they were written", () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), hashes, checkpoint, (oldSize, proof, note) => {
      const request = { oldSize, proof, checkpoint: note };
      expect(parseAddCheckpoint(formatAddCheckpoint(request))).toEqual(request);
    }),
    { numRuns },
  );
});

it("any other text is refused, or is written back the same", () => {
  const line = fc.oneof(
    fc.constantFrom("c2sp.org/tlog-proof@v1", "index 5", "extra AA==", "old 7", "", "x"),
    hash.map((one) => Buffer.from(one).toString("base64")),
    fc.string(),
  );
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 8 }).map((lines) => lines.join("\n")),
      (input) => {
        const proof = parseLogProof(input);
        if (proof !== undefined) expect(formatLogProof(proof)).toBe(input);
        const request = parseAddCheckpoint(bytes(input));
        if (request !== undefined) expect(text(formatAddCheckpoint(request))).toBe(input);
      },
    ),
    { numRuns },
  );
});
