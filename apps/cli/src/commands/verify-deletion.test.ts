import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  coseSign1,
  ed25519FromSecret,
  ed25519Sign,
  p256Generate,
  randomBytes,
  sha256,
  toHex,
} from "@menshen/crypto/node";
import { GateId, Instant } from "@menshen/domain";
import { formatVerifierKey, makeDeletionReceipt, noteKey } from "@menshen/evidence";
import { externalAad, forgottenMessage, uuidBytes } from "@menshen/wire";
import { afterAll, expect, test } from "vitest";
import { menshenHere } from "../testing/menshen.ts";

const folder = mkdtempSync(join(tmpdir(), "menshen-deletion-"));
afterAll(() => rmSync(folder, { recursive: true }));

const RECEIPT_KEY = ed25519FromSecret(randomBytes(32));
const KEY = formatVerifierKey(
  noteKey(sha256, { name: "receipts.example/1", type: "ed25519", publicKey: RECEIPT_KEY.publicKey }),
);
const GATE = GateId("3f1c2a9e-0d4b-4c55-9a67-5b1e8f0c7d21");
const DELETION = "d0000000-0111-4222-8333-444444444444";
const device = p256Generate();
const AT = Instant(1_800_000_000_000);

function file(about: string): string {
  const payload = forgottenMessage.encode({
    version: 1,
    gateId: GATE,
    deletionId: uuidBytes(about),
    listHash: new Uint8Array(32),
    earliest: AT,
    latest: AT,
    snapshotVersion: 1,
    keyringVersion: 1,
    passDocument: 0,
    counters: 0,
    telephones: 0,
    softwareVersion: "1",
  });
  const receipt = coseSign1({
    payload,
    key: device,
    kid: new Uint8Array(8),
    externalAad: externalAad("forgotten"),
  });
  const text = makeDeletionReceipt(
    {
      deletionId: DELETION,
      communityId: "00000000-0000-4000-8000-000000000002",
      communityName: "海棠苑",
      ground: "asked",
      begunAt: AT,
      at: AT,
      isClosed: true,
      sealedUntil: AT,
      recordsUntil: AT,
      stores: [],
      gates: [
        {
          gateId: GATE,
          name: "北门",
          state: "answered",
          at: AT,
          deviceKey: toHex(device.publicKey),
          receipt: toHex(receipt),
        },
      ],
    },
    (message) => ed25519Sign(RECEIPT_KEY.secretKey, message),
  );
  const path = join(folder, `${about}.json`);
  writeFileSync(path, text);
  return path;
}

test("X2: receipts of a deletion verify offline, and another deletion's do not", async () => {
  const good = await menshenHere(["verify", "deletion", file(DELETION), "--key", KEY]);
  expect(good.code).toBe(0);
  const other = await menshenHere([
    "verify",
    "deletion",
    file("d0000000-0111-4222-8333-444444444445"),
    "--key",
    KEY,
  ]);
  expect(other.code).toBe(1);
});
