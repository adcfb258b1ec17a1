import { canonicalJson } from "@menshen/domain";
import { crypto, sha256 } from "../evidence.fixture.ts";
import { noteKey } from "../index.ts";
import { type ComplaintLeaf, commitComplaint } from "./complaint-receipt.ts";

export const SECRET = new Uint8Array(32).fill(5);
export const KEY = noteKey(sha256, {
  name: "receipts.example/1",
  type: "ed25519",
  publicKey: crypto.ed25519FromSecret(SECRET).publicKey,
});
export const NONCE = new Uint8Array(32).fill(9);
export const WRITTEN = { kind: "complaint", category: "fees", text: "电梯广告的收入没有公布。" };
export const RECEIVED_AT = 1_795_392_000_000;
export const LEAF: ComplaintLeaf = {
  communityId: "11111111-1111-4111-8111-111111111111",
  leafId: "22222222-2222-4222-8222-222222222222",
  salt: new Uint8Array(32).fill(7),
  statement: canonicalJson({
    at: RECEIVED_AT,
    topic: "complaint-received",
    complaintId: "33333333-3333-4333-8333-333333333333",
    to: "property",
    answerBy: RECEIVED_AT + 10 * 86_400_000,
    commitment: Buffer.from(commitComplaint(crypto, NONCE, WRITTEN)).toString("hex"),
  }),
};
