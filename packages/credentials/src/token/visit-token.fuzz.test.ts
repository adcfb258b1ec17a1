import * as primitives from "@menshen/crypto/node";
import { Instant } from "@menshen/domain";
import fc from "fast-check";
import { expect, it } from "vitest";
import { at, communityId, now } from "../pass/pass.fixture.ts";
import { makePassMemory } from "../pass/pass-memory.ts";
import { verifyVisitToken } from "./visit-token.ts";

const { publicKey } = primitives.blindRsaGenerate();
/** A token in all but its signature. */
const shaped = fc
  .tuple(
    fc.uint8Array({ minLength: 28, maxLength: 28 }),
    fc.uint8Array({ minLength: 32, maxLength: 32 }),
    fc.uint8Array({ minLength: 256, maxLength: 256 }),
  )
  .map(([names, prefix, signature]) =>
    Uint8Array.of(
      ...[0xa6, 0x00, 0x01, 0x01, 0x44, ...names.subarray(0, 4), 0x02, 0x48, ...names.subarray(4, 12)],
      ...[
        0x03,
        0x50,
        ...names.subarray(12),
        0x04,
        0x58,
        0x20,
        ...prefix,
        0x05,
        0x59,
        0x01,
        0x00,
        ...signature,
      ],
    ),
  );

it("nothing that no key signed opens, and nothing throws", () => {
  fc.assert(
    fc.property(fc.oneof(shaped, fc.uint8Array({ maxLength: 400 })), (bytes) => {
      const outcome = verifyVisitToken(bytes, {
        primitives,
        communityId,
        doorGroup: 2,
        now: at(0),
        keyOf: () => ({ publicKey, doorGroup: 2, from: now, until: Instant(now + 1) }),
        spent: makePassMemory(Instant(0)),
      });
      expect(outcome.verified).toBe(false);
    }),
    { numRuns: Number(process.env.FUZZ_RUNS ?? 300) },
  );
});
