import { isIP } from "node:net";
import {
  equalBytes,
  p256Generate,
  randomBytes,
  type SigningKey,
  signingKeyFromPem,
  signingKeyToPem,
  type VerifyKey,
} from "@menshen/crypto/node";
import { type CommunityId, type GateId, Instant } from "@menshen/domain";
import { readCertificate } from "./certificate.ts";
import { readCertificateRequest } from "./certificate-request.ts";
import { TrustError } from "./errors.ts";
import { owned, SIGNING_ALGORITHM, webCryptoPair, webCryptoPrivate, webCryptoPublic, x509 } from "./x509.ts";

const DAY_MS = 86_400_000;

/** Life of a gate's certificate; gates renew at two thirds of it. */
export const GATE_CERTIFICATE_DAYS = 90;

/**
 * Gates without a battery clock start in 1970 or 2000 and must reach the server to learn the time. They may be
 * early, so what gates check begins here; what the server checks begins when it was made.
 */
const BEFORE_ANY_GATE_CLOCK = new Date("1970-01-01T00:00:00Z");
/** RFC 5280 §4.1.2.5: "no well-defined expiration date". */
const NO_EXPIRATION = new Date("9999-12-31T23:59:59Z");
/** A gate whose clock ran ahead still gets in; the server makes itself a new one at every start. */
const SERVER_CERTIFICATE_YEARS = 20;

/** The community's own certificate authority: one per community, kept at the community server. */
export interface CommunityCa {
  /** DER, self-signed. */
  readonly certificate: Uint8Array;
  readonly key: SigningKey;
}

export interface IssuedCertificate {
  /** DER. */
  readonly certificate: Uint8Array;
  /** Positive, at most 16 bytes, big-endian, without leading zeros. */
  readonly serial: Uint8Array;
  readonly notAfter: Instant;
}

/** A new authority with a new P-256 key, `CN=Menshen community CA, O=<community id>`. */
export async function createCommunityCa(communityId: CommunityId): Promise<CommunityCa> {
  const key = p256Generate();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: hex(newSerial()),
    name: [{ CN: ["Menshen community CA"] }, { O: [communityId] }],
    notBefore: BEFORE_ANY_GATE_CLOCK,
    notAfter: NO_EXPIRATION,
    signingAlgorithm: SIGNING_ALGORITHM,
    keys: await webCryptoPair(key),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(await webCryptoPublic(key)),
    ],
  });
  return { certificate: new Uint8Array(certificate.rawData), key };
}

/** The authority as two PEM blocks; the first is the secret key. */
export function communityCaToPem(ca: CommunityCa): string {
  return `${signingKeyToPem(ca.key).trim()}\n${certificateToPem(ca.certificate)}`;
}

/** @throws {TrustError} `bad-certificate` unless both blocks are there and belong together. */
export function communityCaFromPem(pem: string): CommunityCa {
  const blocks = pem.match(/-----BEGIN ([A-Z ]+)-----[^-]+-----END \1-----/g);
  const [keyPem, certificatePem] = blocks ?? [];
  if (keyPem === undefined || certificatePem === undefined || blocks?.length !== 2) {
    throw new TrustError("bad-certificate", "expected a key and a certificate in PEM");
  }
  try {
    const key = signingKeyFromPem(keyPem);
    const certificate = new Uint8Array(new x509.X509Certificate(certificatePem).rawData);
    if (!equalBytes(readCertificate(certificate).publicKey.publicKey, key.publicKey)) {
      throw new Error("the certificate names another key");
    }
    return { certificate, key };
  } catch (cause) {
    throw new TrustError("bad-certificate", "expected a key and its certificate in PEM", { cause });
  }
}

/**
 * Certificate for the server's own listeners.
 *
 * @param hosts DNS names and IP addresses that gates may connect to; the first is the common name
 */
export async function issueServerCertificate(
  ca: CommunityCa,
  input: { readonly hosts: readonly string[]; readonly key: VerifyKey; readonly now: Instant },
): Promise<IssuedCertificate> {
  const [host] = input.hosts;
  if (host === undefined) throw new TrustError("bad-name", "expected at least one host");
  return await issue(ca, {
    key: input.key,
    commonName: host,
    notBefore: BEFORE_ANY_GATE_CLOCK,
    notAfter: new Date(input.now + SERVER_CERTIFICATE_YEARS * 365 * DAY_MS),
    usage: x509.ExtendedKeyUsage.serverAuth,
    names: input.hosts.map((name) => ({ type: isIP(name) > 0 ? "ip" : "dns", value: name })),
  });
}

/**
 * Certificate for a gate's device key: `CN=<gate id>`, client authentication, {@link GATE_CERTIFICATE_DAYS}.
 *
 * @throws {TrustError} `bad-request` if the request does not prove possession of its key; `bad-name` if it names a
 *   gate other than `gateId` (a request without a common name fits any).
 */
export async function issueGateCertificate(
  ca: CommunityCa,
  input: { readonly request: Uint8Array; readonly gateId: GateId; readonly now: Instant },
): Promise<IssuedCertificate & { readonly publicKey: VerifyKey }> {
  const { publicKey, commonName } = await readCertificateRequest(input.request);
  if (commonName !== undefined && commonName !== NEW_GATE_NAME && commonName !== input.gateId) {
    throw new TrustError("bad-name", "expected a request for this gate");
  }
  const issued = await issue(ca, {
    key: publicKey,
    commonName: input.gateId,
    notBefore: new Date(input.now - DAY_MS),
    notAfter: new Date(input.now + GATE_CERTIFICATE_DAYS * DAY_MS),
    usage: x509.ExtendedKeyUsage.clientAuth,
    names: [],
  });
  return { ...issued, publicKey };
}

/** Common name of a request by a gate that does not know its id yet. */
export const NEW_GATE_NAME = "new gate";

/**
 * Certificate revocation list (RFC 5280 §5), DER. It has neither beginning nor end: the server that
 * makes it at each change is the one that reads it, and a clock that jumps must not void it.
 */
export async function makeRevocationList(
  ca: CommunityCa,
  input: {
    readonly revoked: readonly { readonly serial: Uint8Array; readonly at: Instant }[];
  },
): Promise<Uint8Array> {
  const crl = await x509.X509CrlGenerator.create({
    issuer: new x509.X509Certificate(owned(ca.certificate)).subject,
    thisUpdate: BEFORE_ANY_GATE_CLOCK,
    nextUpdate: NO_EXPIRATION,
    signingAlgorithm: SIGNING_ALGORITHM,
    signingKey: await webCryptoPrivate(ca.key),
    entries: input.revoked.map(({ serial, at }) => ({
      serialNumber: hex(serial),
      revocationDate: new Date(at),
    })),
  });
  return new Uint8Array(crl.rawData);
}

/** PEM of a DER certificate. */
export function certificateToPem(der: Uint8Array): string {
  return `${x509.PemConverter.encode(owned(der), x509.PemConverter.CertificateTag)}\n`;
}

/** PEM of a DER revocation list. */
export function revocationListToPem(der: Uint8Array): string {
  // RFC 7468 §6; the library calls it otherwise, which OpenSSL does not read.
  return `${x509.PemConverter.encode(owned(der), "X509 CRL")}\n`;
}

async function issue(
  ca: CommunityCa,
  input: {
    readonly key: VerifyKey;
    readonly commonName: string;
    readonly notBefore: Date;
    readonly notAfter: Date;
    readonly usage: x509.ExtendedKeyUsage;
    readonly names: readonly { readonly type: "dns" | "ip"; readonly value: string }[];
  },
): Promise<IssuedCertificate> {
  const serial = newSerial();
  const authority = new x509.X509Certificate(owned(ca.certificate));
  const publicKey = await webCryptoPublic(input.key);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: hex(serial),
    issuer: authority.subject,
    subject: [{ CN: [input.commonName] }],
    notBefore: input.notBefore,
    notAfter: input.notAfter,
    signingAlgorithm: SIGNING_ALGORITHM,
    publicKey,
    signingKey: await webCryptoPrivate(ca.key),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([input.usage]),
      await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
      ...(input.names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension([...input.names])]),
    ],
  });
  return {
    certificate: new Uint8Array(certificate.rawData),
    serial,
    notAfter: Instant(certificate.notAfter.getTime()),
  };
}

/** RFC 5280 §4.1.2.2: positive and unpredictable; the top bits are fixed so that DER adds and drops nothing. */
function newSerial(): Uint8Array {
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  return serial;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
