import { fromHex } from "@menshen/crypto";
import { expect, test } from "vitest";
import { certificateParts } from "./certificate-parts.ts";
import { derOnly, ecdsaFromDer, ecdsaToDer, TAG } from "./der.ts";

test.each([
  ["nothing", ""],
  ["no length", "30"],
  ["a length beyond the end", "3003020101ff".slice(0, 8)],
  ["an indefinite length", "30800000"],
  ["a long length where a short one does", "308103020101"],
  ["a length with a leading zero", `30820003020101`],
  ["a tag of several bytes", "3f8101020101"],
  ["bytes behind the end", "300302010100"],
  ["another tag", "3103020101"],
])("DER with %s is refused", (_what, hex) => {
  expect(derOnly(fromHex(hex), TAG.sequence)).toBeUndefined();
});

test("a signature of two numbers comes back as it was; anything else is none", () => {
  const raw = fromHex(`80${"11".repeat(31)}${"00".repeat(20)}${"22".repeat(12)}`);
  const der = ecdsaToDer(raw);
  expect(ecdsaFromDer(der, 32)).toEqual(raw);
  for (const hex of ["", "3000", "3003020101", "30060401010201ff", `3025020101022100${"ff".repeat(33)}`]) {
    expect(ecdsaFromDer(fromHex(hex), 32)).toBeUndefined();
  }
});

test("what is no certificate is none", () => {
  for (const hex of ["", "3000", "30053003020101", "30820101"]) {
    expect(certificateParts(fromHex(hex))).toBeUndefined();
  }
});
