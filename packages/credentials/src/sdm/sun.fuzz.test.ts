import { primitives } from "@menshen/crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { SunLayout } from "./sun-layout.ts";
import { mirrorSunText, readSunText } from "./sun-layout.ts";
import { verifySun } from "./sun-verification.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 150);
const key = fc.uint8Array({ minLength: 16, maxLength: 16 });
const offset = fc.integer({ min: -5, max: 150 });

it("any text under any layout is a message or nothing, and never authentic by chance", () => {
  const layouts = fc.record({
    mode: fc.constantFrom("aes" as const, "lrp" as const),
    piccDataOffset: offset,
    fileData: fc.record({ offset, lengthDigits: fc.constantFrom(0, 1, 32, 64) }),
    macInputOffset: offset,
    macOffset: offset,
  });
  const texts = fc.oneof(
    fc.string({ maxLength: 200 }),
    fc.string({ unit: fc.constantFrom(..."0123456789abcdefABCDEF&="), minLength: 100, maxLength: 200 }),
  );
  fc.assert(
    fc.property(texts, layouts, key, key, (text, layout, metaKey, fileKey) => {
      const message = readSunText(text, layout);
      if (message === undefined) return;
      const result = verifySun({ primitives, message, metaKey, fileKeyFor: () => fileKey });
      expect(["not-authentic", "malformed"]).toContain(result.outcome);
    }),
    { numRuns },
  );
});

it("what a card mirrors is verified, with what it says", () => {
  const layout: SunLayout = { mode: "aes", piccDataOffset: 2, macInputOffset: 0, macOffset: 36 };
  fc.assert(
    fc.property(
      fc.record({
        metaKey: key,
        fileKey: key,
        uid: fc.uint8Array({ minLength: 7, maxLength: 7 }),
        counter: fc.nat(0xffffff),
        random: key,
        // LRP takes some hundred AES blocks a message.
        mode: fc.constantFrom("aes" as const, "aes" as const, "aes" as const, "lrp" as const),
      }),
      ({ mode, ...card }) => {
        const own = mode === "aes" ? layout : { ...layout, mode, macOffset: 52 };
        const text = new TextEncoder().encode(`p=${"0".repeat(own.macOffset - 4)}&c${"0".repeat(16)}`);
        const mirrored = new TextDecoder().decode(mirrorSunText({ primitives, layout: own, text, ...card }));
        const message = readSunText(mirrored, own);
        if (message === undefined) throw new Error("unreadable");
        const { metaKey, fileKey, uid, counter } = card;
        const result = verifySun({ primitives, message, metaKey, fileKeyFor: () => fileKey });
        expect(result).toEqual({ outcome: "verified", uid, counter });
      },
    ),
    { numRuns },
  );
});
