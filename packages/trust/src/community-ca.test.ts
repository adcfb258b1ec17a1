import { createPublicKey, X509Certificate } from "node:crypto";
import type { AddressInfo } from "node:net";
import { connect, createServer } from "node:tls";
import { p256Generate, type SigningKey, signingKeyToPem, verifyKeyToPem } from "@menshen/crypto/node";
import { CommunityId, GateId, Instant } from "@menshen/domain";
import { beforeAll, describe, expect, it } from "vitest";
import { isIssuedBy, readCertificate, renewalDue } from "./certificate.ts";
import { makeCertificateRequest } from "./certificate-request.ts";
import {
  type CommunityCa,
  certificateToPem,
  communityCaFromPem,
  communityCaToPem,
  createCommunityCa,
  issueGateCertificate,
  issueServerCertificate,
  makeRevocationList,
  revocationListToPem,
} from "./community-ca.ts";

const community = CommunityId("6a5f4c9e-8a54-4b3e-9d7a-2f1f0b1c2d3e");
const gateId = GateId("3f1c2a9e-0d4b-4c55-9a67-5b1e8f0c7d21");
const otherGate = GateId("3f1c2a9e-0d4b-4c55-9a67-5b1e8f0c7d22");
// 2026-11-22T00:00:00Z
const now = Instant(1_795_305_600_000);

let ca: CommunityCa;
beforeAll(async () => {
  ca = await createCommunityCa(community);
});

// node:crypto reads certificates with OpenSSL: an implementation apart from the one that wrote them.
describe("community authority", () => {
  it("is a certificate authority that ends chains", () => {
    const certificate = new X509Certificate(ca.certificate);
    expect(certificate.ca).toBe(true);
    expect(certificate.subject).toBe(`CN=Menshen community CA\nO=${community}`);
    expect(certificate.checkIssued(certificate)).toBe(true);
  });

  it("survives its PEM form", () => {
    expect(communityCaFromPem(communityCaToPem(ca))).toEqual(ca);
  });

  it("refuses a PEM form whose halves do not belong together", async () => {
    const other = communityCaToPem(await createCommunityCa(community));
    const mixed = communityCaToPem(ca).split("-----BEGIN CERT")[0] + certificateToPem(readDer(other));
    expect(() => communityCaFromPem(mixed)).toThrowError(
      expect.objectContaining({ code: "bad-certificate" }),
    );
    expect(() => communityCaFromPem("")).toThrowError(expect.objectContaining({ code: "bad-certificate" }));
  });
});

describe("server certificate", () => {
  it("serves its names and gates whose clock never ran", async () => {
    const key = p256Generate();
    const { certificate } = await issueServerCertificate(ca, { hosts: ["localhost", "127.0.0.1"], key, now });
    const read = new X509Certificate(certificate);
    expect(read.checkHost("localhost")).toBe("localhost");
    expect(read.checkIP("127.0.0.1")).toBe("127.0.0.1");
    expect(read.checkHost("example.org")).toBeUndefined();
    expect(read.verify(createPublicKey(verifyKeyToPem(ca.key)))).toBe(true);
    expect(read.validFromDate.toISOString()).toBe("1970-01-01T00:00:00.000Z");
    // serverAuth
    expect(read.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
  });
});

describe("gate certificate", () => {
  it("names the gate, for 90 days", async () => {
    const key = p256Generate();
    const request = await makeCertificateRequest(key, "new gate");
    const issued = await issueGateCertificate(ca, { request, gateId, now });
    const read = new X509Certificate(issued.certificate);
    expect(read.subject).toBe(`CN=${gateId}`);
    expect(read.validToDate.toISOString()).toBe("2027-02-20T00:00:00.000Z");
    expect(read.keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
    expect(read.serialNumber.toLowerCase()).toBe(Buffer.from(issued.serial).toString("hex"));
    expect(issued.publicKey.publicKey).toEqual(key.publicKey);
    expect(await isIssuedBy(issued.certificate, ca.certificate)).toBe(true);

    const facts = readCertificate(issued.certificate);
    expect(facts.commonName).toBe(gateId);
    expect(facts.serial).toEqual(issued.serial);
    // Two thirds of 91 days, of which one lies before `now`.
    expect(new Date(renewalDue(facts)).toISOString()).toBe("2027-01-20T16:00:00.000Z");
  });

  it("is not issued on a request for another gate", async () => {
    const request = await makeCertificateRequest(p256Generate(), otherGate);
    await expect(issueGateCertificate(ca, { request, gateId, now })).rejects.toMatchObject({
      code: "bad-name",
    });
  });

  it("is not mistaken for one of another community", async () => {
    const other = await createCommunityCa(community);
    const request = await makeCertificateRequest(p256Generate(), gateId);
    const issued = await issueGateCertificate(other, { request, gateId, now });
    expect(await isIssuedBy(issued.certificate, ca.certificate)).toBe(false);
  });
});

describe("revocation list", () => {
  it("ends the connections of revoked certificates, and of no others", async () => {
    const [revoked, kept] = await Promise.all(
      [gateId, otherGate].map(async (id) => {
        const key = p256Generate();
        const request = await makeCertificateRequest(key, id);
        return {
          key,
          ...(await issueGateCertificate(ca, { request, gateId: id, now: Instant(Date.now()) })),
        };
      }),
    );
    if (revoked === undefined || kept === undefined) throw new Error("expected two certificates");
    const list = await makeRevocationList(ca, { revoked: [{ serial: revoked.serial, at: now }] });
    const serverKey = p256Generate();
    const server = await issueServerCertificate(ca, { hosts: ["localhost"], key: serverKey, now });
    const greet = createServer(
      {
        key: signingKeyToPem(serverKey),
        cert: certificateToPem(server.certificate),
        ca: certificateToPem(ca.certificate),
        crl: revocationListToPem(list),
        requestCert: true,
        minVersion: "TLSv1.3",
      },
      (socket) => socket.end("welcome"),
    );
    await new Promise<void>((resolve) => greet.listen(0, "127.0.0.1", resolve));
    const { port } = greet.address() as AddressInfo;
    const visit = async (gate: { readonly key: SigningKey; readonly certificate: Uint8Array }) =>
      await new Promise<string>((resolve) => {
        const socket = connect({
          port,
          host: "localhost",
          ca: certificateToPem(ca.certificate),
          key: signingKeyToPem(gate.key),
          cert: certificateToPem(gate.certificate),
        });
        socket.on("data", (data) => resolve(data.toString()));
        socket.on("error", (error) => resolve("code" in error ? String(error.code) : "failed"));
        socket.on("close", () => resolve("closed"));
      });
    expect(await visit(kept)).toBe("welcome");
    expect(await visit(revoked)).toBe("closed");
    await new Promise((resolve) => greet.close(resolve));
  });
});

function readDer(pem: string): Uint8Array {
  return communityCaFromPem(pem).certificate;
}
