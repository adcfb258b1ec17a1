import { fromHex, primitives } from "@menshen/crypto/node";
import fc from "fast-check";
import { expect, it } from "vitest";
import vectors from "../vectors/desk-name.json" with { type: "json" };
import { deskKeyIdOf, openDeskName } from "./desk-name.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 100);
const secretKey = fromHex(vectors.recipientSecret);
const name = fromHex(vectors.name);
const place = {
  gate: fromHex(vectors.gate),
  sequence: vectors.sequence,
  accessPoint: fromHex(vectors.accessPoint),
  timeMs: vectors.timeMs,
};
const open = (bytes: Uint8Array) => openDeskName(primitives, secretKey, place, bytes);

it("a name with another byte behind its key's name opens nothing", () => {
  fc.assert(
    fc.property(fc.integer({ min: 8, max: 71 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const changed = name.slice();
      changed[at] = (changed[at] ?? 0) ^ change;
      // The ephemeral key's highest bit says nothing (RFC 7748 §5), yet the key is derived from all of it.
      expect(open(changed)).toBeUndefined();
    }),
    { numRuns },
  );
});

it("any bytes are a name or none", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      expect(open(bytes)).toBeUndefined();
      expect(deskKeyIdOf(bytes)?.length).toBe(bytes.length === 72 ? 8 : undefined);
    }),
    { numRuns },
  );
});
