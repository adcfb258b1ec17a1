import { ed25519Verify } from "@menshen/crypto/node";
import { expect, test } from "vitest";
import { made, openGateReceipt, RECEIPT, RECEIPT_KEY } from "./deletion-receipt.fixture.ts";
import { verifyDeletionReceipt } from "./deletion-receipt.ts";

const verify = (text: string) =>
  verifyDeletionReceipt({ ed25519Verify, openGateReceipt }, text, { receiptKey: RECEIPT_KEY.publicKey });
const faultOf = (text: string) => {
  const verdict = verify(text);
  return verdict.verified ? undefined : verdict.fault;
};

test("X2: a receipt verifies as it was made", () => {
  expect(verify(made())).toEqual({ verified: true, receipt: RECEIPT });
});

test.each([
  ["nothing", ""],
  ["a number", "1"],
  ["an empty object", "{}"],
  ["truncated", made().slice(0, -1)],
  ["trailing", `${made()} `],
  ["a field more", made().replace('"version":1', '"version":1,"zzz":1')],
  ["a field less", made().replace('"isClosed":true,', "")],
  ["an unknown state", made().replace('"state":"answered"', '"state":"perhaps"')],
  ["an odd key", made().replace('"deviceKey":"04aa"', '"deviceKey":"04a"')],
  ["a short signature", made().replace(/"signature":"[0-9a-f]{128}"\}$/, '"signature":"00"}')],
  ["too long", `"${"x".repeat(9_000_000)}"`],
])("a receipt that is none is malformed: %s", (_, text) => {
  expect(faultOf(text)).toBe("malformed");
});

test("a later version, a gate's receipt that is none, and a closed one that awaits somebody are told apart", () => {
  expect(faultOf(made().replace('"version":1', '"version":2'))).toBe("unknown-version");
  const [first] = RECEIPT.gates;
  if (first?.state !== "answered") throw new Error("expected an answer");
  expect(faultOf(made({ gates: [{ ...first, receipt: "00" }] }))).toBe("bad-gate-receipt");
  expect(faultOf(made({ deletionId: "00000000-0000-4000-8000-000000000009" }))).toBe("bad-gate-receipt");
  expect(faultOf(made({ gates: [{ gateId: first.gateId, name: "北门", state: "awaiting" }] }))).toBe(
    "not-closed",
  );
});
