import { expect, test } from "vitest";
import { crypto, identity, sha256, signedCheckpoint, storedLog } from "../evidence.fixture.ts";
import { formatLogProof, hashLeaf, noteKey, proveInclusion } from "../index.ts";
import { KEY, LEAF, NONCE, RECEIVED_AT, SECRET, WRITTEN } from "./complaint-receipt.fixture.ts";
import {
  commitAnswer,
  commitComplaint,
  entryOfReceipt,
  LOG_GRACE_MS,
  readComplaintReceipt,
  writeComplaintReceipt,
} from "./complaint-receipt.ts";
import { judgeOmission } from "./judge-omission.ts";

const text = writeComplaintReceipt(crypto, KEY, SECRET, LEAF);
const read = readComplaintReceipt(crypto, text, [KEY]);
if (!read.read) throw new Error("expected a receipt");
const { receipt } = read;

test("K2 (omission proof): the receipt is read offline, and holds what was written without telling it", () => {
  expect(receipt).toMatchObject({
    to: "property",
    receivedAt: RECEIVED_AT,
    answerBy: 1_796_256_000_000,
    complaintId: "33333333-3333-4333-8333-333333333333",
  });
  expect(receipt.commitment).toEqual(commitComplaint(crypto, NONCE, WRITTEN));
  expect(receipt.commitment).not.toEqual(commitComplaint(crypto, NONCE, { ...WRITTEN, text: "好" }));
  expect(receipt.commitment).not.toEqual(commitComplaint(crypto, new Uint8Array(32).fill(8), WRITTEN));
  expect(text).not.toContain("电梯");
  expect(commitAnswer(crypto, NONCE, "a")).not.toEqual(commitAnswer(crypto, NONCE, "b"));
});

test("K2 (omission proof): one changed byte, or another's key, is refused", () => {
  const other = noteKey(sha256, { name: KEY.name, type: "ed25519", publicKey: new Uint8Array(32).fill(3) });
  expect(readComplaintReceipt(crypto, text.replace("property", "committee"), [KEY])).toEqual({
    read: false,
    refusal: "bad-signature",
  });
  expect(readComplaintReceipt(crypto, text, [other])).toEqual({ read: false, refusal: "no-known-signature" });
});

test("K2 (omission proof): in the log, not yet in it, or left out of it", async () => {
  const log = { identity, policy: { witnesses: [], quorum: 0 } };
  const judge = (proof: string | undefined, now: number) => judgeOmission(crypto, receipt, proof, log, now);
  expect(judge(undefined, RECEIVED_AT)).toEqual({ verdict: "waiting", until: RECEIVED_AT + 86_400_000 });
  expect(judge(undefined, RECEIVED_AT + LOG_GRACE_MS)).toEqual({
    verdict: "missing",
    since: RECEIVED_AT + 86_400_000,
  });
  // Another leaf's proof is no proof of this one.
  const stored = storedLog(70);
  const made = await proveInclusion(sha256, stored.source, stored.head, 41);
  if (!made.read) throw new Error(made.path);
  const checkpoint = signedCheckpoint(stored.head).note;
  const foreign = formatLogProof({ index: 41, hashes: made.proof, checkpoint });
  expect(judge(foreign, RECEIVED_AT + LOG_GRACE_MS)).toMatchObject({ verdict: "missing" });
  // A log of this one leaf.
  const root = hashLeaf(sha256, entryOfReceipt(crypto, receipt));
  const alone = signedCheckpoint({ size: 1, root }).note;
  expect(judge(formatLogProof({ index: 0, hashes: [], checkpoint: alone }), RECEIVED_AT + 1)).toEqual({
    verdict: "in-log",
    index: 0,
  });
});
