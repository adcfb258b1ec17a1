import { fromHex } from "@menshen/crypto/node";
import { CredentialKey } from "@menshen/domain";
import fc from "fast-check";
import { expect, test } from "vitest";
import { historicalBytes, withFingerprint } from "./chip-fingerprint.ts";

/** DESFire EV2 and NTAG 424 DNA as PC/SC readers form their ATR, and a MIFARE Classic 1K that the reader names itself. */
const DESFIRE = fromHex("3b8180018080");
const NTAG424 = fromHex("3b8a80010031c173c840000090007a");
const CLASSIC = fromHex("3b8f8001804f0ca000000306030001000000006a");
const CLASSIC_4K = fromHex("3b8f8001804f0ca0000003060300020000000069");

function fingerprint(atr: Uint8Array | undefined, uidLength = 7): number | undefined {
  const presentation = {
    credentialKey: CredentialKey(new Uint8Array(16)),
    kind: "uid",
    grade: "E",
    evidence: {},
    identifier: new Uint8Array(uidLength),
  } as const;
  const told = withFingerprint({ outcome: "presented", presentation }, atr === undefined ? {} : { atr });
  return told.outcome === "presented" ? told.presentation.evidence.fingerprint : undefined;
}

test("historical bytes stand behind the interface bytes that the answer announces", () => {
  expect(historicalBytes(DESFIRE)).toEqual(fromHex("80"));
  expect(historicalBytes(NTAG424)).toEqual(fromHex("0031c173c84000009000"));
  expect(historicalBytes(fromHex("3b"))).toBeUndefined();
  expect(historicalBytes(fromHex("3b8f8001"))).toBeUndefined();
});

test("another make of chip and another length of number are told apart, by 16 bits", () => {
  const all = [fingerprint(DESFIRE), fingerprint(NTAG424), fingerprint(CLASSIC), fingerprint(CLASSIC, 4)];
  expect(new Set(all).size).toBe(4);
  for (const one of all) expect(one).toBeLessThan(0x1_0000);
});

test("what a reader adds of its own tells nothing of the chip, and a silent reader tells nothing", () => {
  expect(fingerprint(CLASSIC_4K)).toBe(fingerprint(CLASSIC));
  expect(fingerprint(undefined)).toBeUndefined();
  expect(fingerprint(new Uint8Array())).toBeUndefined();
});

test("whatever bytes a reader sends, nothing is thrown", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (atr) => {
      const history = historicalBytes(atr);
      expect(history === undefined || history.length <= 15).toBe(true);
      fingerprint(atr);
    }),
    { numRuns: Number(process.env.FUZZ_RUNS ?? 2_000) },
  );
});
