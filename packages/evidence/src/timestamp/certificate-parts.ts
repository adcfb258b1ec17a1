import { type SignatureHash, type SpkiKey, verifyBySpki } from "@menshen/crypto";
import { type DerItem, derChildren, derOnly, ecdsaFromDer, TAG } from "./der.ts";

/** What of a certificate (RFC 5280 §4.1) is needed to check signatures. */
export interface CertificateParts {
  readonly tbs: Uint8Array;
  readonly signature: Uint8Array;
  /** Hash of the signature, and absent for an algorithm that this program does not know. */
  readonly hash?: SignatureHash;
  /** DER of the Names and of the serial number. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly serial: Uint8Array;
  readonly spki: Uint8Array;
}

const RSA = "2a864886f70d010101";
const EC = "2a8648ce3d0201";
const CURVES: Readonly<Record<string, "P-256" | "P-384">> = {
  "2a8648ce3d030107": "P-256",
  "2b81040022": "P-384",
};
/** By signature algorithm, RFC 8017 and RFC 5758; and by digest algorithm, RFC 5754. */
const HASHES: Readonly<Record<string, SignatureHash>> = {
  "2a864886f70d01010b": "SHA-256",
  "2a864886f70d01010c": "SHA-384",
  "2a864886f70d01010d": "SHA-512",
  "2a8648ce3d040302": "SHA-256",
  "2a8648ce3d040303": "SHA-384",
  "2a8648ce3d040304": "SHA-512",
  "608648016503040201": "SHA-256",
  "608648016503040202": "SHA-384",
  "608648016503040203": "SHA-512",
};

/** Takes a DER certificate apart; checks nothing. `undefined` for anything that has not its form. */
export function certificateParts(bytes: Uint8Array): CertificateParts | undefined {
  const [tbs, algorithm, signature] = derChildren(derOnly(bytes, TAG.sequence));
  if (tbs?.tag !== TAG.sequence || signature?.tag !== TAG.bitString || signature.content[0] !== 0)
    return undefined;
  const parts = derChildren(tbs);
  // Version 1 has no [0].
  const [serial, , issuer, , subject, spki] = parts[0]?.tag === TAG.context0 ? parts.slice(1) : parts;
  if (serial?.tag !== TAG.integer || issuer === undefined || subject === undefined || spki === undefined)
    return undefined;
  const hash = hashOf(algorithm);
  return {
    tbs: tbs.whole,
    signature: signature.content.subarray(1),
    ...(hash === undefined ? {} : { hash }),
    issuer: issuer.whole,
    subject: subject.whole,
    serial: serial.whole,
    spki: spki.whole,
  };
}

/** Whether `issuer`'s key signed `certificate`: no dates, no extensions. */
export async function isSignedBy(certificate: CertificateParts, issuer: CertificateParts): Promise<boolean> {
  const { hash } = certificate;
  if (hash === undefined) return false;
  return verifyDerSignature(issuer.spki, hash, certificate.tbs, certificate.signature);
}

/** Checks a signature in the form X.509 and CMS carry it; `false` too for a kind of key that is not known. */
export async function verifyDerSignature(
  spki: Uint8Array,
  hash: SignatureHash,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  const key = spkiKey(spki);
  if (key === undefined) return false;
  const raw = key.kind === "RSA" ? signature : ecdsaFromDer(signature, key.kind === "P-256" ? 32 : 48);
  return raw !== undefined && (await verifyBySpki(key, hash, message, raw));
}

/** The key's kind; `undefined` for one that this program does not know. */
export function spkiKey(spki: Uint8Array): SpkiKey | undefined {
  const [algorithm, curve] = derChildren(derChildren(derOnly(spki, TAG.sequence))[0]);
  const name = oidOf(algorithm);
  if (name === RSA) return { spki, kind: "RSA" };
  const kind = name === EC ? CURVES[oidOf(curve)] : undefined;
  return kind === undefined ? undefined : { spki, kind };
}

/** The hash that an AlgorithmIdentifier names. */
export function hashOf(algorithm: DerItem | undefined): SignatureHash | undefined {
  return HASHES[oidOf(derChildren(algorithm)[0])];
}

/** The content of an OBJECT IDENTIFIER in hexadecimal digits; empty for anything else. */
export function oidOf(item: DerItem | undefined): string {
  if (item?.tag !== TAG.oid) return "";
  return Array.from(item.content, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
