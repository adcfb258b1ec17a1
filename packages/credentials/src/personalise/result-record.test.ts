import { fromHex, p256FromSecret, p256Sign, toHex } from "@menshen/crypto/node";
import { CredentialKey } from "@menshen/domain";
import { expect, test } from "vitest";
import {
  encodePersonalisationRecord,
  parsePersonalisationRecord,
  preparePersonalisationRecord,
  verifyPersonalisationRecord,
} from "./result-record.ts";

const RECORD = {
  credentialKey: CredentialKey(new Uint8Array(16).fill(0xc1)),
  kind: "desfire",
  keyVersion: 2,
  doorGroups: [1, 13],
  hidesUid: true,
  transactionMac: false,
  mirrorsAddress: false,
  atMs: 1_800_000_000_000,
} as const;
/** Written by hand: a map of nine pairs in the order of their keys. */
const BYTES = `a900010150${"c1".repeat(16)}020003020482010d05f506f407f4081b000001a3185c5000`;
const KEY = p256FromSecret(new Uint8Array(32).fill(7));

test("a record is a deterministic map, and comes back from it", () => {
  expect(toHex(encodePersonalisationRecord(RECORD))).toBe(BYTES);
  expect(parsePersonalisationRecord(fromHex(BYTES))).toEqual(RECORD);
});

test("it is signed by a key that somebody else holds, and verified by its public half", () => {
  const { toBeSigned, finish } = preparePersonalisationRecord(RECORD, fromHex("d35c"));
  const message = finish(p256Sign(KEY.secretKey, toBeSigned));
  expect(verifyPersonalisationRecord(message, KEY)).toEqual({ verified: true, record: RECORD });
  const other = p256FromSecret(new Uint8Array(32).fill(8));
  expect(verifyPersonalisationRecord(message, other)).toEqual({ verified: false, reason: "bad-signature" });
  const changed = message.slice();
  changed[message.length - 1] = (changed[message.length - 1] ?? 0) ^ 1;
  expect(verifyPersonalisationRecord(changed, KEY)).toEqual({ verified: false, reason: "bad-signature" });
});
