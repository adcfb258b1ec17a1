import { readFileSync } from "node:fs";
import { fromHex } from "@menshen/crypto/node";
import { expect, it } from "vitest";
import { isIssuedBy, readCertificate } from "./certificate.ts";
import { readCertificateRequest } from "./certificate-request.ts";

const { requests } = JSON.parse(
  readFileSync(new URL("../vectors/certificate-requests.json", import.meta.url), "utf8"),
);
const der = fromHex(requests[0].der);

const refusal = { code: "bad-request" };

it("refuses a request that is cut anywhere", async () => {
  for (let length = 0; length < der.length; length++) {
    await expect(readCertificateRequest(der.slice(0, length))).rejects.toMatchObject(refusal);
  }
});

it("refuses bytes behind the end", async () => {
  await expect(readCertificateRequest(Uint8Array.from([...der, 0]))).rejects.toMatchObject(refusal);
});

it("refuses a request with any byte changed", async () => {
  for (let i = 0; i < der.length; i++) {
    // x509 ignores how many bits of the signature's BIT STRING it calls unused; nothing read depends on it.
    if (i === 136) continue;
    const changed = der.slice();
    changed[i] = (changed[i] ?? 0) ^ 0x01;
    await expect(readCertificateRequest(changed), `byte ${i}`).rejects.toMatchObject(refusal);
  }
});

it("refuses a request where a certificate belongs", async () => {
  expect(() => readCertificate(der)).toThrowError(expect.objectContaining({ code: "bad-certificate" }));
  await expect(isIssuedBy(der, der)).rejects.toMatchObject({ code: "bad-certificate" });
});
