import { digestBy, equalBytes, fromHex, primitives, toHex } from "@menshen/crypto";
import { certificateParts, hashOf, oidOf, spkiKey, verifyDerSignature } from "./certificate-parts.ts";
import { type DerItem, der, derAt, derChildren, derItems, derOnly, derUnsigned, TAG } from "./der.ts";

/** The longest answer of a time-stamping authority that is read; its certificates are the most of it. */
export const MAX_TIMESTAMP_BYTES = 64 * 1024;
/** What a request's nonce has; RFC 3161 §2.4.1 asks for 64 bits. */
export const TIMESTAMP_NONCE_BYTES = 8;

const SHA256 = fromHex("608648016503040201");
const SHA256_OID = "608648016503040201";
const SIGNED_DATA = "2a864886f70d010702";
const TST_INFO = "2a864886f70d0109100104";
const CONTENT_TYPE = "2a864886f70d010903";
const MESSAGE_DIGEST = "2a864886f70d010904";

/** A request (RFC 3161 §2.4.1) that wants the authority's certificates in the answer. `sha256` has 32 bytes. */
export function timestampRequest(sha256: Uint8Array, nonce: Uint8Array): Uint8Array {
  return der(
    TAG.sequence,
    derUnsigned(Uint8Array.of(1)),
    der(TAG.sequence, der(TAG.sequence, der(TAG.oid, SHA256), Uint8Array.of(5, 0)), der(TAG.octets, sha256)),
    derUnsigned(nonce),
    der(TAG.boolean, Uint8Array.of(0xff)),
  );
}

/**
 * Why an answer is no time stamp. `refused`: the authority said no; `other-content`: it is one of something else;
 * `other-request`: its nonce is another's; `bad-signature`: its own certificate does not vouch for it;
 * `unknown-algorithm`: signed in a way that this program does not know.
 */
export type TimestampFault =
  | "malformed"
  | "refused"
  | "other-content"
  | "other-request"
  | "bad-signature"
  | "unknown-algorithm";

/** What an authority said. Whether it is one to be trusted is for the reader to know: nothing here follows its certificates. */
export interface Timestamp {
  /** Unix milliseconds. */
  readonly at: number;
  /** Of the token, as hexadecimal digits. */
  readonly serial: string;
  /** SHA-256 of the signer's certificate, hexadecimal digits. */
  readonly signerSha256: string;
}

export type TimestampVerdict =
  | ({ readonly stamped: true } & Timestamp)
  | { readonly stamped: false; readonly fault: TimestampFault };

const refuse = (fault: TimestampFault): TimestampVerdict => ({ stamped: false, fault });

/**
 * Checks an answer (RFC 3161 §2.4.2): granted, about this digest and this nonce, and signed by a certificate that it
 * carries. Hostile bytes give a fault, never an exception.
 */
export async function verifyTimestamp(
  response: Uint8Array,
  sha256: Uint8Array,
  nonce: Uint8Array | undefined,
): Promise<TimestampVerdict> {
  if (response.length > MAX_TIMESTAMP_BYTES) return refuse("malformed");
  const [status, token, ...more] = derChildren(derOnly(response, TAG.sequence));
  const code = derChildren(status)[0];
  if (code?.tag !== TAG.integer || code.content.length !== 1 || more.length > 0) return refuse("malformed");
  // 0 granted, 1 granted with changes.
  if ((code.content[0] ?? 2) > 1) return refuse("refused");
  const signed = token === undefined ? undefined : signedData(token);
  if (signed === undefined) return refuse("malformed");
  const info = tstInfo(signed.info);
  if (info === undefined) return refuse("malformed");
  if (!equalBytes(info.sha256, sha256)) return refuse("other-content");
  if (nonce !== undefined && !equalBytes(info.nonce, derUnsigned(nonce))) return refuse("other-request");
  return verifySigner(signed, info);
}

interface SignedData {
  readonly info: Uint8Array;
  readonly certificates: readonly DerItem[];
  readonly signer: readonly DerItem[];
}

interface TstInfo {
  readonly sha256: Uint8Array;
  readonly at: number;
  readonly serial: Uint8Array;
  /** DER; empty for none. */
  readonly nonce: Uint8Array;
}

/** CMS (RFC 5652 §5): one signer, who signs attributes. */
function signedData(token: DerItem): SignedData | undefined {
  const [type, wrapped] = derChildren(token);
  if (oidOf(type) !== SIGNED_DATA || wrapped?.tag !== TAG.context0) return undefined;
  const [version, digests, content, ...rest] = derChildren(derChildren(wrapped)[0]);
  if (version?.tag !== TAG.integer || digests?.tag !== TAG.set) return undefined;
  const [contentType, encapsulated] = derChildren(content);
  const octets = derChildren(encapsulated)[0];
  const certificates = rest.find(({ tag }) => tag === TAG.context0);
  const signers = rest.at(-1);
  const [signer, ...others] = signers?.tag === TAG.set ? derChildren(signers) : [];
  if (oidOf(contentType) !== TST_INFO || octets?.tag !== TAG.octets) return undefined;
  if (signer === undefined || others.length > 0) return undefined;
  return {
    info: octets.content,
    certificates: certificates === undefined ? [] : (derItems(certificates.content) ?? []),
    signer: derChildren(signer),
  };
}

/** RFC 3161 §2.4.2, as far as it is needed. */
function tstInfo(bytes: Uint8Array): TstInfo | undefined {
  const [version, policy, imprint, serial, time, ...rest] = derChildren(derOnly(bytes, TAG.sequence));
  const [algorithm, digest] = derChildren(imprint);
  const at = time?.tag === TAG.generalizedTime ? readTime(time.content) : undefined;
  if (version?.tag !== TAG.integer || policy?.tag !== TAG.oid || serial?.tag !== TAG.integer)
    return undefined;
  if (oidOf(derChildren(algorithm)[0]) !== SHA256_OID || digest?.tag !== TAG.octets || at === undefined)
    return undefined;
  const nonce = rest.find(({ tag }) => tag === TAG.integer);
  return { sha256: digest.content, at, serial: serial.content, nonce: nonce?.whole ?? new Uint8Array() };
}

/** GeneralizedTime with seconds, in UTC (RFC 3161 §2.4.2). */
function readTime(content: Uint8Array): number | undefined {
  const found = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\.\d{1,9})?Z$/.exec(
    String.fromCharCode(...content.subarray(0, 32)),
  );
  if (found === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = ""] = found;
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(at) ? undefined : at + Math.floor(Number(`0${fraction}`) * 1_000);
}

async function verifySigner(signed: SignedData, info: TstInfo): Promise<TimestampVerdict> {
  const [version, sid, digest, attributes, , signature] = signed.signer;
  const hash = hashOf(digest);
  if (version?.tag !== TAG.integer || sid === undefined || attributes?.tag !== TAG.context0)
    return refuse("malformed");
  if (signature?.tag !== TAG.octets) return refuse("malformed");
  const said = attributesOf(attributes);
  if (said === undefined || said.contentType !== TST_INFO) return refuse("malformed");
  const [issuer, serial] = derChildren(sid);
  const certificate = signed.certificates.find(({ whole }) => {
    const parts = certificateParts(whole);
    return (
      parts !== undefined &&
      equalBytes(parts.issuer, issuer?.whole ?? new Uint8Array()) &&
      equalBytes(parts.serial, serial?.whole ?? new Uint8Array())
    );
  });
  const parts = certificate === undefined ? undefined : certificateParts(certificate.whole);
  if (certificate === undefined || parts === undefined) return refuse("bad-signature");
  if (hash === undefined || spkiKey(parts.spki) === undefined) return refuse("unknown-algorithm");
  if (!equalBytes(await digestBy(hash, signed.info), said.messageDigest)) return refuse("bad-signature");
  // RFC 5652 §5.4: what is signed carries the tag of a SET.
  const toBeSigned = Uint8Array.from(attributes.whole);
  toBeSigned[0] = TAG.set;
  if (!(await verifyDerSignature(parts.spki, hash, toBeSigned, signature.content)))
    return refuse("bad-signature");
  return {
    stamped: true,
    at: info.at,
    serial: toHex(info.serial),
    signerSha256: toHex(primitives.sha256(certificate.whole)),
  };
}

function attributesOf(
  attributes: DerItem,
): { readonly contentType: string; readonly messageDigest: Uint8Array } | undefined {
  let contentType = "";
  let messageDigest: Uint8Array | undefined;
  for (const attribute of derChildren(attributes)) {
    const [name, values] = derChildren(attribute);
    const value = values === undefined ? undefined : derAt(values.content, 0);
    if (oidOf(name) === CONTENT_TYPE) contentType = oidOf(value);
    if (oidOf(name) === MESSAGE_DIGEST && value?.tag === TAG.octets) messageDigest = value.content;
  }
  return messageDigest === undefined ? undefined : { contentType, messageDigest };
}
