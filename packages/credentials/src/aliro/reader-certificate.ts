import { equalBytes, fromHex } from "@menshen/crypto";
import { CredentialError } from "../credential-error.ts";
import { encodeTlv, optionalValue, readTlvMap, readTlvs, requiredValue } from "../tlv/ber-tlv.ts";
import { type AliroPrimitives, POINT_BYTES } from "./aliro-primitives.ts";
import { signatureFromDer, signatureToDer } from "./der-signature.ts";

/** What signs for an issuer, so that its key may live in a token: raw `r || s`, 64 bytes, ECDSA P-256 with SHA-256. */
export interface AliroSigner {
  /** 65 bytes. */
  readonly publicKey: Uint8Array;
  readonly sign: (message: Uint8Array) => Uint8Array;
}

/** A reader certificate, profile 0000: an X.509 certificate with everything left out that both sides know. */
export interface ReaderCertificate {
  /** Content of the serial number's INTEGER, 1 to 20 bytes. */
  readonly serial: Uint8Array;
  /** Common names. */
  readonly issuer: string;
  readonly subject: string;
  /** UTCTime, 13 characters (`YYMMDDHHMMSSZ`). */
  readonly notBefore: string;
  readonly notAfter: string;
  /** The reader's key, 65 bytes. */
  readonly publicKey: Uint8Array;
  /** `r || s` over the rebuilt TBSCertificate. */
  readonly signature: Uint8Array;
}

/** What comes of checking a reader certificate. */
export type ReaderCertificateRefusal = "bad-signature" | "not-yet-valid" | "expired";

/** Values that are left out where they stand for themselves. */
const defaults = {
  serial: Uint8Array.of(1),
  issuer: "issuer",
  notBefore: "200101000000Z",
  notAfter: "490101000000Z",
  subject: "subject",
} as const;

const PROFILE_0000 = fromHex("0000");
const MAX_NAME_BYTES = 64;
const ECDSA_WITH_SHA256 = fromHex("300a06082a8648ce3d040302");
const P256_KEY = fromHex("301306072a8648ce3d020106082a8648ce3d030107");
const VERSION_3 = fromHex("a003020102");
const COMMON_NAME = fromHex("0603550403");
const BASIC_CONSTRAINTS = fromHex("300c0603551d130101ff04023000");
const KEY_USAGE_SIGNATURE = fromHex("300e0603551d0f0101ff040403020780");
const AUTHORITY_KEY_IDENTIFIER = fromHex("0603551d23");
const UNUSED_BITS = Uint8Array.of(0);

/**
 * Reads the compressed form.
 *
 * @throws {CredentialError} `malformed` for anything that is not profile 0000 in its only encoding
 */
export function parseReaderCertificate(bytes: Uint8Array): ReaderCertificate {
  const [outer, ...beyond] = readTlvs(bytes);
  const [profile, body, ...others] = outer?.tag === 0x30 ? readTlvs(outer.value) : [];
  if (beyond.length > 0 || others.length > 0 || profile?.tag !== 0x04 || body?.tag !== 0x30) {
    throw malformed("expected a reader certificate");
  }
  if (!equalBytes(profile.value, PROFILE_0000)) throw malformed("expected a certificate of profile 0000");
  const elements = readTlvs(body.value);
  const ascending = elements.every(
    ({ tag }, index) => tag >= 0x80 && tag <= 0x86 && tag > (elements[index - 1]?.tag ?? 0),
  );
  if (!ascending) throw malformed("expected the fields 80 to 86 in ascending order");
  const map = readTlvMap(body.value);
  const certificate: ReaderCertificate = {
    serial: optionalValue(map, 0x80) ?? defaults.serial,
    issuer: nameOf(optionalValue(map, 0x81)) ?? defaults.issuer,
    notBefore: utcTimeOf(optionalValue(map, 0x82, 13)) ?? defaults.notBefore,
    notAfter: utcTimeOf(optionalValue(map, 0x83, 13)) ?? defaults.notAfter,
    subject: nameOf(optionalValue(map, 0x84)) ?? defaults.subject,
    publicKey: bitStringOf(requiredValue(map, 0x85, 1 + POINT_BYTES)),
    signature: signatureFromDer(bitStringOf(requiredValue(map, 0x86))),
  };
  if (!isSerial(certificate.serial)) throw malformed("expected a positive serial number of 1 to 20 bytes");
  // A default that is written out would be a second encoding of the same certificate.
  if (!equalBytes(encodeReaderCertificate(certificate), bytes)) {
    throw malformed("expected the shortest form of the certificate");
  }
  return certificate;
}

/** The compressed form. */
export function encodeReaderCertificate(certificate: ReaderCertificate): Uint8Array {
  const { serial, issuer, notBefore, notAfter, subject, publicKey, signature } = certificate;
  const text = (tag: number, value: string, usual: string) =>
    value === usual ? new Uint8Array() : encodeTlv(tag, utf8(value));
  return encodeTlv(
    0x30,
    encodeTlv(0x04, PROFILE_0000),
    encodeTlv(
      0x30,
      equalBytes(serial, defaults.serial) ? new Uint8Array() : encodeTlv(0x80, serial),
      text(0x81, issuer, defaults.issuer),
      text(0x82, notBefore, defaults.notBefore),
      text(0x83, notAfter, defaults.notAfter),
      text(0x84, subject, defaults.subject),
      encodeTlv(0x85, UNUSED_BITS, publicKey),
      encodeTlv(0x86, UNUSED_BITS, signatureToDer(signature)),
    ),
  );
}

/**
 * The X.509 TBSCertificate (RFC 5280 §4.1) that a reader certificate stands for: what its issuer signed.
 *
 * @param issuerPublicKey 65 bytes; its SHA-1 is the authority key identifier
 */
export function readerCertificateTbs(
  primitives: Pick<AliroPrimitives, "sha1">,
  certificate: Omit<ReaderCertificate, "signature">,
  issuerPublicKey: Uint8Array,
): Uint8Array {
  const name = (commonName: string) =>
    encodeTlv(0x30, encodeTlv(0x31, encodeTlv(0x30, COMMON_NAME, encodeTlv(0x0c, utf8(commonName)))));
  const time = (value: string) => encodeTlv(0x17, utf8(value));
  const keyIdentifier = encodeTlv(0x30, encodeTlv(0x80, primitives.sha1(issuerPublicKey)));
  return encodeTlv(
    0x30,
    VERSION_3,
    encodeTlv(0x02, certificate.serial),
    ECDSA_WITH_SHA256,
    name(certificate.issuer),
    encodeTlv(0x30, time(certificate.notBefore), time(certificate.notAfter)),
    name(certificate.subject),
    encodeTlv(0x30, P256_KEY, encodeTlv(0x03, UNUSED_BITS, certificate.publicKey)),
    encodeTlv(
      0xa3,
      encodeTlv(
        0x30,
        encodeTlv(0x30, AUTHORITY_KEY_IDENTIFIER, encodeTlv(0x04, keyIdentifier)),
        BASIC_CONSTRAINTS,
        KEY_USAGE_SIGNATURE,
      ),
    ),
  );
}

/** The X.509 certificate in DER that a reader certificate stands for, for tools that know nothing else. */
export function readerCertificateX509(
  primitives: Pick<AliroPrimitives, "sha1">,
  certificate: ReaderCertificate,
  issuerPublicKey: Uint8Array,
): Uint8Array {
  return encodeTlv(
    0x30,
    readerCertificateTbs(primitives, certificate, issuerPublicKey),
    ECDSA_WITH_SHA256,
    encodeTlv(0x03, UNUSED_BITS, signatureToDer(certificate.signature)),
  );
}

/**
 * Checks a reader certificate against its issuer's key and, where the device has a clock, against the time.
 *
 * @param nowS seconds since 1970-01-01T00:00:00Z
 * @returns why it is refused, or `undefined` if it holds
 */
export function checkReaderCertificate(
  primitives: Pick<AliroPrimitives, "sha1" | "p256Verify">,
  certificate: ReaderCertificate,
  issuerPublicKey: Uint8Array,
  nowS?: number,
): ReaderCertificateRefusal | undefined {
  const tbs = readerCertificateTbs(primitives, certificate, issuerPublicKey);
  if (!primitives.p256Verify(issuerPublicKey, tbs, certificate.signature)) return "bad-signature";
  if (nowS === undefined) return undefined;
  if (nowS < utcTimeToSeconds(certificate.notBefore)) return "not-yet-valid";
  if (nowS > utcTimeToSeconds(certificate.notAfter)) return "expired";
  return undefined;
}

/** What an issuer says of a reader; times are seconds since 1970-01-01T00:00:00Z, from 1950 to 2049. */
export interface ReaderCertificateRequest {
  readonly serial: Uint8Array;
  readonly issuer: string;
  readonly subject: string;
  readonly notBeforeS: number;
  readonly notAfterS: number;
  readonly readerPublicKey: Uint8Array;
}

/**
 * Issues a reader certificate, in its compressed form.
 *
 * @throws {CredentialError} `bad-argument` for a name, serial, key or time outside the stated ranges
 */
export function issueReaderCertificate(
  primitives: Pick<AliroPrimitives, "sha1">,
  issuer: AliroSigner,
  request: ReaderCertificateRequest,
): Uint8Array {
  const { serial, readerPublicKey, notBeforeS, notAfterS } = request;
  for (const name of [request.issuer, request.subject]) {
    const { length } = utf8(name);
    if (length === 0 || length > MAX_NAME_BYTES) {
      throw badArgument(`expected names of 1 to ${MAX_NAME_BYTES} bytes`);
    }
  }
  if (readerPublicKey.length !== POINT_BYTES || readerPublicKey[0] !== 4) {
    throw badArgument("expected an uncompressed P-256 point");
  }
  if (notBeforeS > notAfterS) throw badArgument("expected the end of the validity not before its begin");
  if (!isSerial(serial)) throw badArgument("expected a positive serial number of 1 to 20 bytes");
  const body = {
    serial,
    issuer: request.issuer,
    subject: request.subject,
    notBefore: secondsToUtcTime(notBeforeS),
    notAfter: secondsToUtcTime(notAfterS),
    publicKey: readerPublicKey,
  };
  const signature = issuer.sign(readerCertificateTbs(primitives, body, issuer.publicKey));
  return encodeReaderCertificate({ ...body, signature });
}

/** Seconds since 1970 of a UTCTime; the years are 1950 to 2049 (RFC 5280 §4.1.2.5.1). */
export function utcTimeToSeconds(text: string): number {
  const [, yy, rest] = /^(\d\d)(\d{10})Z$/.exec(text) ?? [];
  const [month, day, hour, minute, second] = (rest ?? "").match(/\d\d/g) ?? [];
  const year = (Number(yy) < 50 ? 2000 : 1900) + Number(yy);
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(ms)) throw malformed("expected a UTCTime of 13 characters");
  return ms / 1000;
}

function secondsToUtcTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  const year = Number.isFinite(date.getTime()) ? date.getUTCFullYear() : 0;
  if (year < 1950 || year > 2049) throw badArgument("expected a time from 1950 to 2049");
  return `${date.toISOString().slice(2, 19).replaceAll(/[-:T]/g, "")}Z`;
}

function nameOf(value: Uint8Array | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (value.length === 0 || value.length > MAX_NAME_BYTES) {
    throw malformed(`expected names of 1 to ${MAX_NAME_BYTES} bytes`);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(value);
  } catch (cause) {
    throw new CredentialError("malformed", "expected names in UTF-8", { cause });
  }
}

function utcTimeOf(value: Uint8Array | undefined): string | undefined {
  if (value === undefined) return undefined;
  const text = String.fromCharCode(...value);
  utcTimeToSeconds(text);
  return text;
}

/** Content of a positive INTEGER in its shortest form (X.690 §8.3), of at most 20 bytes (RFC 5280 §4.1.2.2). */
function isSerial(serial: Uint8Array): boolean {
  const [first, second] = serial;
  if (first === undefined || serial.length > 20 || first >= 0x80) return false;
  return first !== 0 || (second ?? 0) >= 0x80;
}

function bitStringOf(value: Uint8Array): Uint8Array {
  if (value[0] !== 0) throw malformed("expected a bit string of whole bytes");
  return value.slice(1);
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function malformed(message: string): CredentialError {
  return new CredentialError("malformed", message);
}

function badArgument(message: string): CredentialError {
  return new CredentialError("bad-argument", message);
}
