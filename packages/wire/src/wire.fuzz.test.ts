import { decode, encode, rfc8949EncodeOptions } from "cborg";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeCbor, encodeCbor } from "./cbor.ts";
import { makeCodec } from "./codec.ts";
import { WireError } from "./errors.ts";
import {
  accessEntrySchema,
  gateEntrySchema,
  JOURNAL_ENTRY_MAX_BYTES,
  portalEntrySchema,
  readerEntrySchema,
} from "./gate-link/journal.ts";
import { coders, fromHex, vectorFile } from "./gate-link/vectors.fixture.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 1_000);

function attempt(run: () => unknown): { readonly value: unknown } | "refused" {
  try {
    return { value: run() };
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return "refused";
  }
}

/** The same question put to cborg: decode, encode again, compare. */
function byCborg(bytes: Uint8Array): { readonly value: unknown } | "refused" {
  try {
    const value: unknown = decode(bytes, {
      strict: true,
      allowIndefinite: false,
      allowUndefined: false,
      allowBigInt: false,
      useMaps: true,
      rejectDuplicateMapKeys: true,
    });
    return Buffer.compare(encode(value, rfc8949EncodeOptions), bytes) === 0 ? { value } : "refused";
  } catch {
    return "refused";
  }
}

/** cborg knows null, floats and maps as keys; messages do not. */
function isForMessages(value: unknown): boolean {
  if (value === null || (typeof value === "number" && !Number.isSafeInteger(value))) return false;
  if (Array.isArray(value)) return value.every(isForMessages);
  if (!(value instanceof Map)) return typeof value !== "number" || !Object.is(value, -0);
  return [...value].every(
    ([key, element]) => (Number.isSafeInteger(key) || typeof key === "string") && isForMessages(element),
  );
}

/** Bytes that look like CBOR: initial bytes of all kinds with short arguments. */
const cborLike = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        0x00,
        0x01,
        0x17,
        0x18,
        0x19,
        0x20,
        0x40,
        0x41,
        0x58,
        0x60,
        0x61,
        0x80,
        0x81,
        0x82,
        0xa0,
      ),
      fc.constantFrom(0xa1, 0xa2, 0xa3, 0xf4, 0xf5, 0xf6, 0xf9, 0xff, 0x9f, 0xbf, 0xc1),
      fc.integer({ min: 0, max: 255 }),
    ),
    { maxLength: 24 },
  )
  .map((bytes) => Uint8Array.from(bytes));

const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5 },
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.string({ unit: "grapheme" }),
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie("tree"), { maxLength: 5 }),
    fc
      .array(fc.tuple(fc.oneof(fc.maxSafeInteger(), fc.string()), tie("tree")), { maxLength: 5 })
      .map((entries) => new Map(entries)),
  ),
}));

describe("CBOR", () => {
  it("accepts exactly what cborg decodes and encodes to the same bytes", () => {
    fc.assert(
      fc.property(cborLike, (bytes) => {
        const theirs = byCborg(bytes);
        const expected = theirs !== "refused" && isForMessages(theirs.value) ? theirs : "refused";
        expect(attempt(() => decodeCbor(bytes, 100))).toEqual(expected);
      }),
      { numRuns: numRuns * 5 },
    );
  });

  it("reads what it wrote", () => {
    fc.assert(
      fc.property(tree, (value) => {
        const plain = value as Parameters<typeof encodeCbor>[0];
        expect(decodeCbor(encodeCbor(plain), 1_000_000)).toEqual(plain);
      }),
      { numRuns },
    );
  });
});

describe("messages", () => {
  const vector = fc.constantFrom(...vectorFile.vectors);

  it("answer any bytes with a value or a refusal", () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(coders)), cborLike, (coder, bytes) => {
        attempt(() => coder.decode(bytes));
      }),
      { numRuns },
    );
  });

  it("answer damaged messages with a value or a refusal, and write a value again as they read it", () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(vector, damage, ({ message, cbor }, changes) => {
        const bytes = fromHex(cbor);
        for (const [index, byte] of changes) bytes[index % bytes.length] = byte;
        const outcome = attempt(() => coders[message].decode(bytes));
        if (outcome === "refused") return;
        const again = coders[message].encode(outcome.value);
        expect(coders[message].decode(again)).toEqual(outcome.value);
      }),
      { numRuns },
    );
  });

  const entries = [accessEntrySchema, portalEntrySchema, readerEntrySchema, gateEntrySchema].map((schema) =>
    makeCodec(schema, JOURNAL_ENTRY_MAX_BYTES),
  );

  it("are read from their bytes as from their tree: no other value, and nothing that the tree refuses", () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 3 });
    fc.assert(
      fc.property(vector, damage, ({ message, cbor }, changes) => {
        const bytes = fromHex(cbor);
        for (const [index, byte] of changes) bytes[index % bytes.length] = byte;
        for (const { attempt: straight, read, maxBytes } of message === "journalEntry"
          ? entries
          : [coders[message]]) {
          const taken: unknown = straight?.(bytes);
          const byTree = attempt((): unknown => read?.(decodeCbor(bytes, maxBytes)));
          if (byTree === "refused") expect(taken).toBeUndefined();
          else if (taken !== undefined || changes.length === 0) expect(taken).toEqual(byTree.value);
        }
      }),
      { numRuns: numRuns * 3 },
    );
  });
});
