import { sha256, type VerifyKey } from "@menshen/crypto/node";
import { Instant } from "@menshen/domain";
import { TrustError } from "./errors.ts";
import { fillsOneSequence, owned, p256FromSpki, p256Spki, x509 } from "./x509.ts";

/** What a certificate of a gate or a server says. */
export interface CertificateFacts {
  readonly commonName: string;
  readonly publicKey: VerifyKey;
  /** As in `IssuedCertificate`. */
  readonly serial: Uint8Array;
  readonly notBefore: Instant;
  readonly notAfter: Instant;
}

/**
 * Reads a certificate; checks no signature.
 *
 * @throws {TrustError} `bad-certificate` unless it is DER with a P-256 key and exactly one common name.
 */
export function readCertificate(der: Uint8Array): CertificateFacts {
  const certificate = parse(der);
  try {
    const publicKey = p256FromSpki(new Uint8Array(certificate.publicKey.rawData));
    const [commonName, ...more] = certificate.subjectName.getField("CN");
    if (publicKey === undefined || commonName === undefined || more.length > 0) {
      throw new Error("no P-256 key or not one common name");
    }
    return {
      commonName,
      publicKey,
      serial: new Uint8Array(Buffer.from(certificate.serialNumber, "hex")),
      notBefore: Instant(certificate.notBefore.getTime()),
      notAfter: Instant(certificate.notAfter.getTime()),
    };
  } catch (cause) {
    throw new TrustError("bad-certificate", "expected a P-256 key and one common name", { cause });
  }
}

/**
 * Whether `certificate` was issued by `ca` (its signature, not its dates).
 *
 * @throws {TrustError} `bad-certificate` if either is no certificate.
 */
export async function isIssuedBy(certificate: Uint8Array, ca: Uint8Array): Promise<boolean> {
  const authority = parse(ca);
  const subject = parse(certificate);
  try {
    return await subject.verify({ publicKey: authority.publicKey, signatureOnly: true });
  } catch {
    return false; // the signature is not even well-formed
  }
}

/** Key identifier in COSE headers: SHA-256 of the DER SubjectPublicKeyInfo, first 8 bytes. `key` is P-256. */
export function keyIdentifier(key: VerifyKey): Uint8Array {
  return publicKeySha256(key).slice(0, 8);
}

/** What a gate pins another gate's key by: SHA-256 of the DER SubjectPublicKeyInfo, 32 bytes. `key` is P-256. */
export function publicKeySha256(key: VerifyKey): Uint8Array {
  return sha256(p256Spki(key));
}

/** When a gate should renew: two thirds of its certificate's life. */
export function renewalDue(facts: Pick<CertificateFacts, "notBefore" | "notAfter">): Instant {
  return Instant(Math.floor(facts.notBefore + ((facts.notAfter - facts.notBefore) * 2) / 3));
}

function parse(der: Uint8Array): x509.X509Certificate {
  try {
    if (!fillsOneSequence(der)) throw new Error("bytes behind the end");
    return new x509.X509Certificate(owned(der));
  } catch (cause) {
    throw new TrustError("bad-certificate", "expected a DER certificate", { cause });
  }
}
