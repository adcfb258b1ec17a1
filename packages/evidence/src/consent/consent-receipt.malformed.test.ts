import { ed25519Verify, sha256 } from "@menshen/crypto/node";
import { expect, test } from "vitest";
import { made, RECEIPT_KEY } from "./consent-receipt.fixture.ts";
import { verifyConsentReceipt } from "./consent-receipt.ts";

const keys = { receiptKey: RECEIPT_KEY.publicKey };
const faultOf = (text: string) => {
  const verdict = verifyConsentReceipt({ sha256, ed25519Verify }, text, keys);
  return verdict.verified ? undefined : verdict.fault;
};

test.each([
  ["nothing", ""],
  ["no JSON", "{"],
  ["a number", "1"],
  ["an empty object", "{}"],
  ["truncated", made().slice(0, -1)],
  ["trailing", `${made()} `],
  ["another order of names", made().replace('{"receipt":', '{ "receipt":')],
  ["a field more", made().replace('"version":1', '"version":1,"zzz":1')],
  ["a field less", made().replace('"noticeVersion":1,', "")],
  ["an unknown purpose", made().replace("commercial-messages", "everything")],
  ["an unknown way in", made().replace('"pin"', '"luck"')],
  ["a short signature", made().replace(/"signature":"[0-9a-f]{128}"\}$/, '"signature":"00"}')],
  ["too long", `"${"x".repeat(300_000)}"`],
])("a receipt that is none is malformed: %s", (_, text) => {
  expect(faultOf(text)).toBe("malformed");
});

test("a later version is told apart from a bad one", () => {
  expect(faultOf(made().replace('"version":1', '"version":2'))).toBe("unknown-version");
});
