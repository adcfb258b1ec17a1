import { expect, test } from "vitest";
import { crypto, identity, signedCheckpoint } from "../evidence.fixture.ts";
import { formatLogProof, hashLeaf } from "../index.ts";
import { checkComplaint, type OmissionSource } from "./check-complaint.ts";
import { KEY, LEAF, NONCE, RECEIVED_AT, SECRET, WRITTEN } from "./complaint-receipt.fixture.ts";
import { entryOfReceipt, readComplaintReceipt, writeComplaintReceipt } from "./complaint-receipt.ts";

const receipt = writeComplaintReceipt(crypto, KEY, SECRET, LEAF);
const read = readComplaintReceipt(crypto, receipt, [KEY]);
if (!read.read) throw new Error("expected a receipt");
const root = hashLeaf(crypto.sha256, entryOfReceipt(crypto, read.receipt));
const proof = formatLogProof({ index: 0, hashes: [], checkpoint: signedCheckpoint({ size: 1, root }).note });
const nonce = Buffer.from(NONCE).toString("hex");
const log = { identity, policy: { witnesses: [], quorum: 0 } };
const keys = { receipt: [KEY], log };
const kept = { receipt, written: { ...WRITTEN, nonce } };
const DAY_MS = 86_400_000;

const source = (index: number | undefined, text: string | undefined): OmissionSource => ({
  placeOf: async (leafId, at) => {
    expect([leafId, at]).toEqual([LEAF.leafId, RECEIVED_AT]);
    return index;
  },
  proofOf: async () => text,
});
const dead: OmissionSource = {
  placeOf: () => Promise.reject(new Error("no network")),
  proofOf: () => Promise.reject(new Error("no network")),
};

test("K2 (own check): a receipt is checked with its words and its place in the log", async () => {
  const checked = await checkComplaint(crypto, kept, keys, source(0, proof), RECEIVED_AT + 1);
  expect(checked).toMatchObject({
    genuine: true,
    words: "same",
    log: { verdict: "in-log", index: 0 },
    receipt: { to: "property" },
  });
  const edited = { receipt, written: { ...WRITTEN, nonce, text: "没有意见。" } };
  expect(await checkComplaint(crypto, edited, keys, source(0, proof), RECEIVED_AT)).toMatchObject({
    words: "other",
  });
  expect(await checkComplaint(crypto, { receipt }, keys, source(0, proof), RECEIVED_AT)).toMatchObject({
    words: "unknown",
  });
});

test("K2 (own check): a community that shows no place after a day left it out; one that is silent did not", async () => {
  const over = RECEIVED_AT + DAY_MS;
  for (const hidden of [source(undefined, undefined), source(0, undefined), source(0, "no proof")]) {
    const late = await checkComplaint(crypto, kept, keys, hidden, over);
    expect(late).toMatchObject({ genuine: true, log: { verdict: "missing", since: over } });
    const early = await checkComplaint(crypto, kept, keys, hidden, over - 1);
    expect(early).toMatchObject({ log: { verdict: "waiting", until: over } });
  }
  // Without a network the signature still counts, and nothing is said of the log.
  const offline = await checkComplaint(crypto, kept, keys, dead, over);
  expect(offline).toMatchObject({ genuine: true, words: "same", log: { verdict: "unread" } });
  const keyless = await checkComplaint(crypto, kept, { ...keys, log: undefined }, dead, over);
  expect(keyless).toMatchObject({ log: { verdict: "unread" } });
});

test("K2 (own check): a forged receipt is said to be none", async () => {
  const forged = { ...kept, receipt: receipt.replace("property", "committee") };
  expect(await checkComplaint(crypto, forged, keys, source(0, proof), RECEIVED_AT)).toEqual({
    genuine: false,
    refusal: "bad-signature",
  });
});
