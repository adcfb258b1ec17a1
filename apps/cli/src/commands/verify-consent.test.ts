import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ed25519FromSecret, ed25519Sign, sha256 } from "@menshen/crypto/node";
import { formatVerifierKey, makeConsentReceipt, noteKey } from "@menshen/evidence";
import { afterAll, expect, test } from "vitest";
import { menshenHere } from "../testing/menshen.ts";

const directory = mkdtempSync(join(tmpdir(), "menshen-consent-"));
afterAll(() => rmSync(directory, { recursive: true }));

const pair = ed25519FromSecret(new Uint8Array(32).fill(7));
const name = "receipts.menshen.local/x";
const key = formatVerifierKey(noteKey(sha256, { name, type: "ed25519", publicKey: pair.publicKey }));
const party = { name: "海棠物业", contact: "0571-0000" };
const both = { "zh-CN": "联系方式", en: "contact" };
const id = (last: number) => `00000000-0000-4000-8000-00000000000${last}`;
const receipt = makeConsentReceipt(
  {
    recordId: id(1),
    event: "given",
    at: Date.UTC(2027, 0, 1),
    communityId: id(2),
    communityName: "海棠苑",
    subject: id(3),
    controller: party,
    processor: party,
    subProcessors: [],
    noticeSha256: "ab".repeat(32),
    noticeVersion: 1,
    purpose: "service-contact",
    data: both,
    storage: both,
    period: { from: Date.UTC(2027, 0, 1), until: Date.UTC(2028, 0, 1), deleteWithinDays: 7 },
    withdrawal: both,
    alternatives: [],
    by: { way: "paper", enteredBy: id(4), confirmedBy: id(5) },
  },
  (message) => ed25519Sign(pair.secretKey, message),
);

function written(file: string, content: string): string {
  const path = join(directory, file);
  writeFileSync(path, content);
  return path;
}

test("a receipt verifies offline and says what was agreed to; altered, it fails (privacy row C2)", async () => {
  const good = await menshenHere(["verify", "consent", written("good.json", receipt), "--key", key]);
  expect(good.code).toBe(0);
  expect(good.stdout).toContain("✓ agreed 2027-01-01T00:00:00.000Z  Keep one contact");
  const altered = written("bad.json", receipt.replace("海棠苑", "海棠园"));
  const bad = await menshenHere(["verify", "consent", altered, "--key", key]);
  expect([bad.code, bad.stdout]).toEqual([1, "✗ this community did not sign it as it stands\n"]);
});
