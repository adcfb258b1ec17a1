import { equalBytes, fromHex } from "@menshen/crypto";
import { CredentialError } from "../../credential-error.ts";
import { readTlvs, type Tlv } from "../../tlv/ber-tlv.ts";
import { type AliroPrimitives, POINT_BYTES } from "../aliro-primitives.ts";
import { signatureFromDer } from "../der-signature.ts";
import { utcTimeToSeconds } from "../reader-certificate.ts";

/** What is read of an issuer's X.509 certificate (RFC 5280 §4.1). */
export interface IssuerCertificate {
  /** 65 bytes, P-256. */
  readonly publicKey: Uint8Array;
  /** Seconds since 1970-01-01T00:00:00Z. */
  readonly notBeforeS: number;
  readonly notAfterS: number;
}

const ECDSA_WITH_SHA256 = fromHex("300a06082a8648ce3d040302");
const P256_KEY = fromHex("301306072a8648ce3d020106082a8648ce3d030107");
const MAX_BYTES = 2_048;

/**
 * Reads a certificate and checks that `authority` signed it. One step only: a chain through intermediate authorities
 * is refused, since a community's issuer has its certificate from the community itself.
 *
 * Extensions are not looked at. The authority's key is used for nothing but document issuers, so what it signs is one.
 *
 * @param authority a trusted public key, 65 bytes
 * @returns `undefined` when the signature is not the authority's
 * @throws {CredentialError} `malformed` for anything but ECDSA on P-256 with SHA-256 in DER
 */
export function readIssuerCertificate(
  primitives: Pick<AliroPrimitives, "p256Verify">,
  der: Uint8Array,
  authority: Uint8Array,
): IssuerCertificate | undefined {
  if (der.length > MAX_BYTES) throw malformed();
  const [tbs, algorithm, signature] = children(single(der), 0x30);
  if (tbs === undefined || algorithm === undefined || signature?.tag !== 0x03) throw malformed();
  const [version, serial, innerAlgorithm, , validity, , key] = children(tbs, 0x30);
  const isKnown = [algorithm, innerAlgorithm].every(
    (one) => one !== undefined && equalBytes(one.encoded, ECDSA_WITH_SHA256),
  );
  if (!isKnown || version?.tag !== 0xa0 || serial?.tag !== 0x02) throw malformed();
  const raw = signatureFromDer(bits(signature));
  if (!primitives.p256Verify(authority, tbs.encoded, raw)) return undefined;
  const [notBefore, notAfter] = children(validity, 0x30);
  const [keyAlgorithm, point] = children(key, 0x30);
  if (keyAlgorithm === undefined || !equalBytes(keyAlgorithm.encoded, P256_KEY)) throw malformed();
  const publicKey = bits(point);
  if (publicKey.length !== POINT_BYTES || publicKey[0] !== 4) throw malformed();
  return { publicKey, notBeforeS: seconds(notBefore), notAfterS: seconds(notAfter) };
}

function single(der: Uint8Array): Tlv | undefined {
  const [element, ...others] = readTlvs(der);
  return others.length === 0 ? element : undefined;
}

function children(element: Tlv | undefined, tag: number): readonly Tlv[] {
  if (element?.tag !== tag) throw malformed();
  return readTlvs(element.value);
}

function bits(element: Tlv | undefined): Uint8Array {
  if (element?.tag !== 0x03 || element.value[0] !== 0) throw malformed();
  return element.value.slice(1);
}

function seconds(element: Tlv | undefined): number {
  const text = String.fromCharCode(...(element?.value ?? []));
  if (element?.tag === 0x17) return utcTimeToSeconds(text);
  // GeneralizedTime, for 2050 and later.
  if (element?.tag === 0x18 && /^20\d{12}Z$/.test(text)) {
    const iso = text.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z");
    const ms = Date.parse(iso);
    if (!Number.isNaN(ms)) return ms / 1000;
  }
  throw malformed();
}

function malformed(): CredentialError {
  return new CredentialError("malformed", "expected an X.509 certificate over P-256");
}
