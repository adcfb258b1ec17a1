import { concatBytes, equalBytes, p256Compress } from "@menshen/crypto";
import { CredentialError } from "../credential-error.ts";
import type { PkocPrimitives } from "./pkoc-primitives.ts";

// PKOC BLE Transport Profile 2.0.1 §7.1: version, reader location (16), site (16), not before (4), not after (4), the
// reader's key compressed (33), and the site issuer's signature (64) over all before it.
const CERTIFICATE_BYTES = 138;
const SIGNED_BYTES = 74;
const VERSION = 1;
const NO_LOWER_BOUND_S = 0;
const NO_UPPER_BOUND_S = 0xffff_ffff;

/** What a site's issuer says of one reader. */
export interface PkocReaderCertificateFields {
  readonly locationId: Uint8Array;
  readonly siteId: Uint8Array;
  /** Unix seconds; 0 means no bound. */
  readonly notBeforeS: number;
  /** Unix seconds; FFFFFFFF means no bound. */
  readonly notAfterS: number;
  /** 65 bytes. */
  readonly publicKey: Uint8Array;
}

/** Why a reader's certificate is not believed. */
export type PkocReaderCertificateRefusal =
  | "reader-certificate-malformed"
  | "reader-certificate-other-reader"
  | "reader-certificate-signature"
  | "reader-certificate-outside-validity";

/**
 * Issues a certificate for a reader: what a community does for its gates.
 *
 * @param issuerSecretKey P-256 scalar, 32 bytes
 * @throws {CredentialError} `bad-argument` for identifiers or times of other lengths
 */
export function issuePkocReaderCertificate(
  primitives: Pick<PkocPrimitives, "p256Sign">,
  issuerSecretKey: Uint8Array,
  fields: PkocReaderCertificateFields,
): Uint8Array {
  const { locationId, siteId, notBeforeS, notAfterS, publicKey } = fields;
  if (locationId.length !== 16 || siteId.length !== 16 || notBeforeS > notAfterS) {
    throw new CredentialError("bad-argument", "expected identifiers of 16 bytes and times in order");
  }
  const times = new Uint8Array(8);
  new DataView(times.buffer).setUint32(0, notBeforeS);
  new DataView(times.buffer).setUint32(4, notAfterS);
  const signed = concatBytes(Uint8Array.of(VERSION), locationId, siteId, times, p256Compress(publicKey));
  return concatBytes(signed, primitives.p256Sign(issuerSecretKey, signed));
}

/**
 * Checks a reader's certificate as a device does.
 *
 * @param expected what message 1 said, the issuer's key (65 bytes) as the device has it, and its own time
 * @returns the reader's key, 65 bytes, or why it is not believed
 */
export function checkPkocReaderCertificate(
  primitives: Pick<PkocPrimitives, "p256Verify" | "p256Decompress">,
  certificate: Uint8Array,
  expected: {
    readonly locationId: Uint8Array;
    readonly siteId: Uint8Array;
    readonly issuerKey: Uint8Array;
    readonly nowS: number;
  },
): { readonly publicKey: Uint8Array } | { readonly refusal: PkocReaderCertificateRefusal } {
  if (certificate.length !== CERTIFICATE_BYTES || certificate[0] !== VERSION) {
    return { refusal: "reader-certificate-malformed" };
  }
  const names = concatBytes(expected.locationId, expected.siteId);
  if (!equalBytes(certificate.subarray(1, 33), names)) return { refusal: "reader-certificate-other-reader" };
  const signed = certificate.subarray(0, SIGNED_BYTES);
  if (!primitives.p256Verify(expected.issuerKey, signed, certificate.subarray(SIGNED_BYTES))) {
    return { refusal: "reader-certificate-signature" };
  }
  const view = new DataView(certificate.buffer, certificate.byteOffset, certificate.length);
  const [notBeforeS, notAfterS] = [view.getUint32(33), view.getUint32(37)];
  const early = notBeforeS !== NO_LOWER_BOUND_S && expected.nowS < notBeforeS;
  const late = notAfterS !== NO_UPPER_BOUND_S && expected.nowS > notAfterS;
  if (early || late) return { refusal: "reader-certificate-outside-validity" };
  const publicKey = primitives.p256Decompress(certificate.slice(41, SIGNED_BYTES));
  return publicKey === undefined ? { refusal: "reader-certificate-malformed" } : { publicKey };
}
