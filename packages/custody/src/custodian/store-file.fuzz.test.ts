import { argon2id, concatBytes } from "@menshen/crypto/node";
import fc from "fast-check";
import { expect, it } from "vitest";
import { CustodyError } from "../errors.ts";
import { contentsOf, random } from "./custodian.fixture.ts";
import { encodeContents, parseContents } from "./store-contents.ts";
import { createStore, openStore, sealStore } from "./store-file.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 300);
const contents = contentsOf(1);
const unlock = { by: "secret", secret: new Uint8Array(32) } as const;
const file = sealStore(await createStore({ contents, unlock, random, argon2id }), random);
const plain = encodeContents(contents);

/** Any bytes, or the example with a few changed, some cut off or put on. */
const near = (example: Uint8Array) =>
  fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc
      .tuple(
        fc.array(fc.tuple(fc.nat(example.length - 1), fc.integer({ min: 1, max: 255 })), { maxLength: 3 }),
        fc.nat(example.length),
        fc.uint8Array({ maxLength: 3 }),
        fc.boolean(),
      )
      .map(([changes, length, more, whole]) => {
        const bytes = concatBytes(whole ? example : example.slice(0, length), more);
        for (const [index, mask] of changes)
          if (index < bytes.length) bytes[index] = (bytes[index] ?? 0) ^ mask;
        return bytes;
      }),
  );

it("no file opens but the one that was written", async () => {
  await fc.assert(
    fc.asyncProperty(near(file), async (bytes) => {
      const { opened } = await openStore(bytes, unlock, argon2id);
      expect(opened).toBe(Buffer.from(bytes).equals(file));
    }),
    { numRuns },
  );
});

it("contents are read in their one spelling, or refused by the package's own error", () => {
  fc.assert(
    fc.property(near(plain), (bytes) => {
      try {
        expect(encodeContents(parseContents(bytes))).toEqual(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(CustodyError);
      }
    }),
    { numRuns },
  );
});
