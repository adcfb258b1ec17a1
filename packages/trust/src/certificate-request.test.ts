import { readFileSync } from "node:fs";
import { fromHex, p256Generate, toHex } from "@menshen/crypto/node";
import { describe, expect, it } from "vitest";
import { keyIdentifier } from "./certificate.ts";
import { makeCertificateRequest, readCertificateRequest } from "./certificate-request.ts";

interface Vectors {
  readonly requests: readonly {
    readonly name: string;
    readonly der: string;
    readonly publicKey: string;
    readonly commonName: string;
    readonly keyIdentifier: string;
  }[];
  readonly refused: readonly { readonly name: string; readonly der: string }[];
}
const vectors: Vectors = JSON.parse(
  readFileSync(new URL("../vectors/certificate-requests.json", import.meta.url), "utf8"),
);

describe("certificate request", () => {
  it.each(vectors.requests)("reads what OpenSSL wrote: $name", async (vector) => {
    const request = await readCertificateRequest(fromHex(vector.der));
    expect(toHex(request.publicKey.publicKey)).toBe(vector.publicKey);
    expect(request.commonName).toBe(vector.commonName);
    expect(toHex(keyIdentifier(request.publicKey))).toBe(vector.keyIdentifier);
  });

  it("reads what it wrote", async () => {
    const key = p256Generate();
    const request = await readCertificateRequest(await makeCertificateRequest(key, "new gate"));
    expect(request).toEqual({
      publicKey: { alg: "ES256", publicKey: key.publicKey },
      commonName: "new gate",
    });
  });

  it.each(vectors.refused)("refuses another kind of key: $name", async ({ der }) => {
    await expect(readCertificateRequest(fromHex(der))).rejects.toMatchObject({ code: "bad-request" });
  });
});
