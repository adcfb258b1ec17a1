import { ed25519Verify } from "@menshen/crypto/node";
import fc from "fast-check";
import { expect, test } from "vitest";
import { made, openGateReceipt, RECEIPT_KEY } from "./deletion-receipt.fixture.ts";
import { verifyDeletionReceipt } from "./deletion-receipt.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 300);
const bytes = new TextEncoder().encode(made());
const verify = (text: string) =>
  verifyDeletionReceipt({ ed25519Verify, openGateReceipt }, text, { receiptKey: RECEIPT_KEY.publicKey });

test("X2: one changed byte, anywhere, and the receipt fails", () => {
  fc.assert(
    fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (place, change) => {
      const changed = bytes.slice();
      changed[place] = (changed[place] ?? 0) ^ change;
      expect(verify(new TextDecoder().decode(changed)).verified).toBe(false);
    }),
    { numRuns },
  );
});

test("whatever text comes, the answer is a verdict", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(verify(text).verified).toBe(false);
    }),
    { numRuns },
  );
});
