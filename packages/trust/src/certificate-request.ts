import type { SigningKey, VerifyKey } from "@menshen/crypto/node";
import { TrustError } from "./errors.ts";
import { fillsOneSequence, owned, p256FromSpki, SIGNING_ALGORITHM, webCryptoPair, x509 } from "./x509.ts";

/** A certificate request whose signature proved that the sender holds the key. */
export interface CertificateRequest {
  readonly publicKey: VerifyKey;
  /** Absent if the subject has none. */
  readonly commonName?: string;
}

/** Made at the gate: PKCS#10 (RFC 2986), DER, subject `CN=<commonName>`, signed by the device key. */
export async function makeCertificateRequest(key: SigningKey, commonName: string): Promise<Uint8Array> {
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: [commonName] }],
    keys: await webCryptoPair(key),
    signingAlgorithm: SIGNING_ALGORITHM,
  });
  return new Uint8Array(request.rawData);
}

/**
 * Reads a request and checks its proof of possession (RFC 2986 §4.2).
 *
 * @throws {TrustError} `bad-request`
 */
export async function readCertificateRequest(der: Uint8Array): Promise<CertificateRequest> {
  const { request, publicKey, commonNames } = parse(der);
  if (!(await verifies(request))) {
    throw new TrustError("bad-request", "expected a request signed by the key it names");
  }
  const [commonName] = commonNames;
  return { publicKey, ...(commonName === undefined ? {} : { commonName }) };
}

function parse(der: Uint8Array) {
  try {
    if (!fillsOneSequence(der)) throw new Error("bytes behind the end");
    const request = new x509.Pkcs10CertificateRequest(owned(der));
    // x509 parses these only when asked, so all questions are asked here.
    const publicKey = p256FromSpki(new Uint8Array(request.publicKey.rawData));
    if (publicKey === undefined) throw new Error("no P-256 key");
    const commonNames = request.subjectName.getField("CN");
    if (commonNames.length > 1) throw new Error("more than one common name");
    return { request, publicKey, commonNames };
  } catch (cause) {
    throw new TrustError("bad-request", "expected a DER PKCS#10 request for one P-256 key", { cause });
  }
}

async function verifies(request: x509.Pkcs10CertificateRequest): Promise<boolean> {
  try {
    return await request.verify();
  } catch {
    return false; // the signature is not even well-formed
  }
}
