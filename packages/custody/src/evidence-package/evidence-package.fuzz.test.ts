import { concatBytes } from "@menshen/crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { CustodyError } from "../errors.ts";
import { parsePackageKeys } from "../opening-package-keys.ts";
import { evidencePackage } from "../testing/evidence-world.ts";
import { keysFile } from "../testing/package-world.ts";
import { parseCaseRecord } from "./case-record.ts";
import { readStoredZip, verifyEvidencePackage } from "./index.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 300);
const archive = await evidencePackage();
const pinned = parsePackageKeys(keysFile);
const record = new TextDecoder().decode(
  readStoredZip(archive).find(({ name }) => name === "case.json")?.bytes,
);

test("any bytes, and any piece put in, taken out or exchanged, are refused and never throw", async () => {
  const near = fc
    .tuple(fc.nat(archive.length - 1), fc.uint8Array({ maxLength: 4 }), fc.nat(4))
    .map(([at, put, drop]) => concatBytes(archive.subarray(0, at), put, archive.subarray(at + drop)))
    .filter((bytes) => Buffer.compare(bytes, archive) !== 0);
  await fc.assert(
    fc.asyncProperty(fc.oneof(near, fc.uint8Array({ maxLength: 400 })), async (bytes) => {
      expect((await verifyEvidencePackage(bytes, pinned)).verified).toBe(false);
      expect((await verifyEvidencePackage(bytes)).verified).toBe(false);
    }),
    { numRuns },
  );
});

test("any record is refused with the package's own error, or is one", () => {
  const near = fc
    .tuple(fc.nat(record.length - 1), fc.string({ unit: "binary", maxLength: 3 }), fc.nat(3))
    .map(([at, put, drop]) => record.slice(0, at) + put + record.slice(at + drop));
  fc.assert(
    fc.property(fc.oneof(near, fc.json(), fc.string()), (text) => {
      try {
        expect(parseCaseRecord(text).events.length).toBeLessThanOrEqual(1_000);
      } catch (error) {
        expect(error).toBeInstanceOf(CustodyError);
      }
    }),
    { numRuns },
  );
});
