import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { crypto, sha256 } from "../evidence.fixture.ts";
import { parseVerifierKey } from "../index.ts";
import { formatComplaintFile, parseComplaintFile } from "./complaint-file.ts";
import { SECRET } from "./complaint-receipt.fixture.ts";
import {
  commitAnswer,
  commitComplaint,
  entryOfReceipt,
  readComplaintReceipt,
  writeComplaintReceipt,
} from "./complaint-receipt.ts";

const vector = JSON.parse(readFileSync(join(import.meta.dirname, "../../vectors/complaint.json"), "utf8"));
const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));
const parsed = parseVerifierKey(sha256, vector.verifierKey);
if (!parsed.parsed) throw new Error("expected a key");
const { key } = parsed;

test("K2 (vectors): what others compute from docs/protocol/complaints.md is what this package writes and reads", () => {
  const { leaf, nonce, written, answer, receipt, file } = vector;
  expect(Buffer.from(commitComplaint(crypto, bytes(nonce), written)).toString("hex")).toBe(vector.commitment);
  expect(Buffer.from(commitAnswer(crypto, bytes(nonce), answer.text)).toString("hex")).toBe(
    answer.commitment,
  );
  expect(writeComplaintReceipt(crypto, key, SECRET, { ...leaf, salt: bytes(leaf.salt) })).toBe(receipt);
  const read = readComplaintReceipt(crypto, receipt, [key]);
  if (!read.read) throw new Error(read.refusal);
  expect(Buffer.from(entryOfReceipt(crypto, read.receipt)).toString("hex")).toBe(leaf.entry);
  expect(formatComplaintFile({ receipt, written: { ...written, nonce } })).toBe(file);
  expect(parseComplaintFile(file)).toEqual({ receipt, written: { ...written, nonce } });
});
