import { ed25519FromSecret, ed25519Verify, sha256 } from "@menshen/crypto/node";
import { expect, test } from "vitest";
import { made, RECEIPT, RECEIPT_KEY, sign, WITHDRAWN } from "./consent-receipt.fixture.ts";
import { makeConsentReceipt, verifyConsentReceipt } from "./consent-receipt.ts";

const keys = { receiptKey: RECEIPT_KEY.publicKey };
const verify = (text: string, notice?: string) =>
  verifyConsentReceipt({ sha256, ed25519Verify }, text, keys, notice);

test("C2 (ISO 27560): a receipt verifies offline, with everything that it must say", () => {
  expect(verify(made())).toEqual({ verified: true, receipt: RECEIPT });
  expect(verify(made(), "abc")).toEqual({ verified: true, receipt: RECEIPT });
  expect(verify(makeConsentReceipt(WITHDRAWN, sign))).toEqual({ verified: true, receipt: WITHDRAWN });
});

test("a receipt of paper names those who entered and confirmed it", () => {
  const staff = "00000000-0000-4000-8000-00000000000a";
  const other = "00000000-0000-4000-8000-00000000000b";
  const by = { way: "paper", enteredBy: staff, confirmedBy: other } as const;
  expect(verify(made({ by, guardian: other }))).toMatchObject({
    verified: true,
    receipt: { by, guardian: other },
  });
});

test("another community's key, another notice, a signature about something else are told apart", () => {
  const stranger = ed25519FromSecret(new Uint8Array(32).fill(8)).publicKey;
  expect(verifyConsentReceipt({ sha256, ed25519Verify }, made(), { receiptKey: stranger })).toEqual({
    verified: false,
    fault: "bad-signature",
  });
  expect(verify(made(), "abd")).toEqual({ verified: false, fault: "other-notice" });
  // What the person signed is neither of another purpose nor of a withdrawal.
  expect(verify(made({ purpose: "sharing" }))).toEqual({ verified: false, fault: "bad-own-signature" });
  expect(verify(made({ event: "withdrawn" }))).toEqual({ verified: false, fault: "bad-own-signature" });
});

test("what is no receipt cannot be made", () => {
  expect(() => made({ recordId: "1" })).toThrow("expected a receipt within its limits");
});
