import { toHex } from "@menshen/crypto";
import { describe, expect, it } from "vitest";
import {
  credentialKey,
  documentIssuer,
  given,
  hex,
  primitives,
  readerIssuer,
  readerKey,
  signerOf,
  vectors,
} from "./aliro-vectors.testing.ts";
import { issueAccessDocument } from "./document/issue-document.ts";
import { encodeDeviceResponse, issuerKeyId } from "./document/issuer-signed.ts";
import {
  checkReaderCertificate,
  encodeReaderCertificate,
  issueReaderCertificate,
  parseReaderCertificate,
  readerCertificateTbs,
  readerCertificateX509,
} from "./reader-certificate.ts";

const { common, official_certificate_vectors: official, scenarios, access_document: document } = vectors;
const certificate = scenarios.flatMap((scenario) =>
  "certificate" in scenario && scenario.certificate !== undefined ? [scenario.certificate] : [],
)[0];
const seconds = (text: string) => Date.parse(text) / 1000;

describe.each(official.cases)("the official certificate `$name`", (one) => {
  it("is read, verified, rebuilt as X.509 and written again", () => {
    const read = parseReaderCertificate(hex(one.compressed));
    expect(toHex(read.publicKey)).toBe(one.subject_public);
    const issuer = hex(one.issuer_public);
    expect(checkReaderCertificate(primitives, read, issuer)).toBeUndefined();
    expect(toHex(readerCertificateX509(primitives, read, issuer))).toBe(one.x509_der);
    expect(toHex(encodeReaderCertificate(read))).toBe(one.compressed);
    expect(checkReaderCertificate(primitives, read, readerKey.publicKey)).toBe("bad-signature");
  });
});

it("the official certificate with an end has expired after it", () => {
  const one = official.cases.find(({ name }) => name === "customised");
  const read = parseReaderCertificate(hex(one?.compressed));
  expect(read).toMatchObject({ issuer: "custom issuer name", notAfter: "250505000000Z", subject: "subject" });
  const check = (text: string) =>
    checkReaderCertificate(primitives, read, hex(one?.issuer_public), seconds(text));
  expect(check("2025-05-05T00:00:00Z")).toBeUndefined();
  expect(check("2025-05-05T00:00:01Z")).toBe("expired");
  expect(check("2019-12-31T23:59:59Z")).toBe("not-yet-valid");
});

it("a reader certificate is issued with the bytes of the vectors", () => {
  const bytes = issueReaderCertificate(primitives, signerOf(readerIssuer), {
    serial: Uint8Array.of(3),
    issuer: "Zone CA",
    subject: "Door 42",
    notBeforeS: seconds("2025-01-01T00:00:00Z"),
    notAfterS: seconds("2035-12-31T23:59:59Z"),
    readerPublicKey: readerKey.publicKey,
  });
  expect(toHex(bytes)).toBe(certificate?.compressed);
  const read = parseReaderCertificate(bytes);
  expect(toHex(readerCertificateTbs(primitives, read, readerIssuer.publicKey))).toBe(
    certificate?.tbs_certificate,
  );
});

it("an access document is issued with the bytes of the vectors", () => {
  const salt = hex(document.items[0]).slice(7, 23);
  const issuer = { primitives, signer: signerOf(documentIssuer), random: given(salt) };
  const bytes = issueAccessDocument(issuer, {
    credential: credentialKey.publicKey,
    elements: new Map([
      [
        "door",
        {
          id: new TextEncoder().encode("RES-0042"),
          rules: [{ capabilities: 0x0b, allowSchedules: 1 }],
          schedules: [
            {
              startS: 0x6955b900,
              endS: 0x7c245f00,
              recurrence: { durationS: 86_400, mask: 0x7f, pattern: 2, interval: 1, ordinal: 0 },
              utc: true,
            },
          ],
        },
      ],
    ]),
    validity: {
      signedS: seconds(document.signed),
      fromS: seconds(document.valid_from),
      untilS: seconds(document.valid_until),
      iteration: 3,
    },
    timeVerificationRequired: false,
  });
  expect(toHex(encodeDeviceResponse([bytes]))).toBe(document.device_response);
  expect(toHex(issuerKeyId(primitives, documentIssuer.publicKey))).toBe(common.document_issuer_kid);
});
