import fc from "fast-check";
import { expect, it } from "vitest";
import { KeyServiceError } from "./errors.ts";
import { parseRecords } from "./key-records.ts";
import { parseShare } from "./key-shares.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 500);

function staysCoded(parse: () => unknown): void {
  try {
    parse();
  } catch (error) {
    expect(error).toBeInstanceOf(KeyServiceError);
    expect(error).toMatchObject({ code: expect.stringMatching(/^(malformed|unknown-version|too-large)$/) });
  }
}

it("any line is a share or a coded refusal", () => {
  const word = fc.oneof(
    fc.constantFrom("menshen-key-share-1", "menshen-key-share-9", "k", "v1", "mac", "2-of-2", "00ff00"),
    fc.string({ maxLength: 40 }),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 9 }), (words) => staysCoded(() => parseShare(words.join(" ")))),
    { numRuns },
  );
});

it("any bytes and any JSON are the contents of a store or a coded refusal", () => {
  const encoder = new TextEncoder();
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc.json().map((text) => encoder.encode(text)),
      ),
      (bytes) => staysCoded(() => parseRecords(bytes)),
    ),
    { numRuns },
  );
  const record = fc.record(
    {
      name: fc.string(),
      version: fc.integer(),
      use: fc.constantFrom("mac", "sign", "x"),
      value: fc.string(),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.array(record), (keys) =>
      staysCoded(() => parseRecords(encoder.encode(JSON.stringify({ version: 1, keys })))),
    ),
    { numRuns },
  );
});
