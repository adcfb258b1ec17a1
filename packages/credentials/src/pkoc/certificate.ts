import { concatBytes, equalBytes } from "@menshen/crypto";
import { DomainError, type LocalDate, parseLocalDate } from "@menshen/domain";
import { CredentialError } from "../credential-error.ts";
import { encodeTlv, readTlvMap, requiredValue } from "../tlv/ber-tlv.ts";
import type { PkocPrimitives } from "./pkoc-primitives.ts";

// The card verifiable certificate of PKOC Core 2.0.1 §5, profile 0, with P-256 keys:
//   7F21 { 7F4E { 5F29 profile, 42 issuer, 7F49 { 06 curve, 86 point }, 5F20 subject, 5F25 from, 5F24 to, … }, 5F37 signature }

const Tag = {
  certificate: 0x7f21,
  body: 0x7f4e,
  profile: 0x5f29,
  issuer: 0x42,
  publicKey: 0x7f49,
  curve: 0x06,
  point: 0x86,
  subject: 0x5f20,
  validFrom: 0x5f25,
  validUntil: 0x5f24,
  signature: 0x5f37,
} as const;

/** 1.2.840.10045.3.1.7 */
const P256_CURVE = Uint8Array.of(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07);
const REFERENCE_CHARACTERS = 16;
const REFERENCE = /^[A-Z0-9]{16}$/;

/** What an issuer says of a card's key. */
export interface PkocCertificateFields {
  /** 0 is the only profile there is. */
  readonly profile: number;
  /** Issuer identification reference: 16 characters, capitals and digits. */
  readonly issuer: string;
  /** The card's key, 65 bytes, `04 || x || y`. */
  readonly publicKey: Uint8Array;
  /** Subject identification reference: 16 characters. A number of the card, never a name. */
  readonly subject: string;
  /** First and last day, both included. */
  readonly validFrom: LocalDate;
  readonly validUntil: LocalDate;
}

/** A certificate as it was read; nothing of it is verified yet. */
export interface PkocCertificate extends PkocCertificateFields {
  /** The object that is signed, tag and length included. */
  readonly signedBody: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * Reads a certificate. Objects that the profile does not know are skipped (they are signed like the others).
 *
 * @throws {CredentialError} `malformed` for missing, doubled or over-long parts, another curve, dates that do not exist
 */
export function readPkocCertificate(bytes: Uint8Array): PkocCertificate {
  const outer = readTlvMap(bytes);
  if (outer.size !== 1) throw malformed("one certificate");
  const parts = readTlvMap(requiredValue(outer, Tag.certificate));
  const body = parts.get(Tag.body);
  if (body === undefined) throw malformed("a certificate body");
  const fields = readTlvMap(body.value);
  const key = readTlvMap(requiredValue(fields, Tag.publicKey));
  if (!equalBytes(requiredValue(key, Tag.curve), P256_CURVE)) throw malformed("a key on P-256");
  return {
    profile: requiredValue(fields, Tag.profile, 1)[0] ?? 0,
    issuer: asciiOf(requiredValue(fields, Tag.issuer, REFERENCE_CHARACTERS)),
    publicKey: requiredValue(key, Tag.point, 65),
    subject: asciiOf(requiredValue(fields, Tag.subject, REFERENCE_CHARACTERS)),
    validFrom: dateOf(requiredValue(fields, Tag.validFrom, 6)),
    validUntil: dateOf(requiredValue(fields, Tag.validUntil, 6)),
    signedBody: body.encoded,
    signature: requiredValue(parts, Tag.signature, 64),
  };
}

/**
 * Issues a certificate: what a community does for the cards it hands out.
 *
 * @param issuerSecretKey P-256 scalar, 32 bytes
 * @throws {CredentialError} `bad-argument` for references or dates of another form, or a key that is no point
 */
export function issuePkocCertificate(
  primitives: Pick<PkocPrimitives, "p256Sign" | "isP256Point">,
  issuerSecretKey: Uint8Array,
  fields: PkocCertificateFields,
): Uint8Array {
  const wellFormed =
    fields.profile === 0 &&
    REFERENCE.test(fields.issuer) &&
    REFERENCE.test(fields.subject) &&
    fields.validFrom <= fields.validUntil &&
    primitives.isP256Point(fields.publicKey);
  if (!wellFormed) throw new CredentialError("bad-argument", "expected certificate fields of profile 0");
  const body = encodeTlv(
    Tag.body,
    encodeTlv(Tag.profile, Uint8Array.of(fields.profile)),
    encodeTlv(Tag.issuer, new TextEncoder().encode(fields.issuer)),
    encodeTlv(Tag.publicKey, encodeTlv(Tag.curve, P256_CURVE), encodeTlv(Tag.point, fields.publicKey)),
    encodeTlv(Tag.subject, new TextEncoder().encode(fields.subject)),
    encodeTlv(Tag.validFrom, digitsOf(fields.validFrom)),
    encodeTlv(Tag.validUntil, digitsOf(fields.validUntil)),
  );
  const signature = encodeTlv(Tag.signature, primitives.p256Sign(issuerSecretKey, body));
  return encodeTlv(Tag.certificate, concatBytes(body, signature));
}

/** Why a certificate does not vouch for a card's key. */
export type PkocCertificateRefusal =
  | "certificate-profile"
  | "certificate-issuer-reference"
  | "certificate-issuer-unknown"
  | "certificate-signature"
  | "certificate-outside-validity";

/** Whom a reader believes. */
export interface PkocValidation {
  /** Key of an issuer (65 bytes) by its reference, `undefined` for one that is not trusted. */
  readonly issuerKey: (issuer: string) => Uint8Array | undefined;
  /** The local date, or `undefined` where validity is not looked at (a reader whose clock is in doubt). */
  readonly today: LocalDate | undefined;
}

/** Checks a certificate (PKOC Core 2.0.1 §5.6); `undefined` means that it holds. */
export function refusePkocCertificate(
  primitives: Pick<PkocPrimitives, "p256Verify">,
  certificate: PkocCertificate,
  { issuerKey, today }: PkocValidation,
): PkocCertificateRefusal | undefined {
  if (certificate.profile !== 0) return "certificate-profile";
  if (!REFERENCE.test(certificate.issuer)) return "certificate-issuer-reference";
  const key = issuerKey(certificate.issuer);
  if (key === undefined) return "certificate-issuer-unknown";
  if (!primitives.p256Verify(key, certificate.signedBody, certificate.signature)) {
    return "certificate-signature";
  }
  if (today !== undefined && (today < certificate.validFrom || today > certificate.validUntil)) {
    return "certificate-outside-validity";
  }
  return undefined;
}

function asciiOf(bytes: Uint8Array): string {
  if (bytes.some((byte) => byte < 0x20 || byte > 0x7e)) throw malformed("printable ASCII");
  return String.fromCharCode(...bytes);
}

/** Six digits, one a byte: year of the century, month, day (ISO/IEC 7816-6). */
function dateOf(digits: Uint8Array): LocalDate {
  if (digits.some((digit) => digit > 9)) throw malformed("decimal digits");
  const text = [...digits].join("");
  try {
    return parseLocalDate(`20${text.slice(0, 2)}-${text.slice(2, 4)}-${text.slice(4)}`);
  } catch (cause) {
    if (cause instanceof DomainError) throw malformed("a real date", cause);
    throw cause;
  }
}

function digitsOf(date: LocalDate): Uint8Array {
  const digits = /^20(\d{2})-(\d{2})-(\d{2})$/.exec(date)?.slice(1).join("");
  if (digits === undefined) throw new CredentialError("bad-argument", "expected a date of this century");
  return Uint8Array.from(digits, Number);
}

function malformed(expected: string, cause?: unknown): CredentialError {
  return new CredentialError("malformed", `certificate: expected ${expected}`, { cause });
}
