import { concatBytes, equalBytes } from "@menshen/crypto";
import { Tagged } from "cborg";
import { CredentialError } from "../../credential-error.ts";
import type { AliroPrimitives } from "../aliro-primitives.ts";
import { DOCUMENT_VERSION, type DocumentRequest } from "./device-request.ts";
import {
  arrayOf,
  byteString,
  CborTag,
  dateTimeSeconds,
  encodedItemBytes,
  mapOf,
  readCbor,
  text,
  wholeNumber,
  writeCbor,
} from "./document-cbor.ts";

// The shape is ISO/IEC 18013-5's mobile document with one-character keys: items that stand in the clear beside salted
// digests of them, and the digests under the issuer's signature. A device can so show one element and keep the rest.

/** One item of a document as it came. */
export interface IssuerSignedItem {
  readonly digestId: number;
  readonly elementId: string;
  readonly value: unknown;
  /** Tag 24 and bytes: what the digest is over. */
  readonly encoded: Uint8Array;
}

/** What the issuer signed: the mobile security object. */
export interface SecurityObject {
  readonly version: string;
  readonly digestAlgorithm: string;
  readonly digests: ReadonlyMap<number, Uint8Array>;
  /** The credential that the document is for, 65 bytes; absent in revocation documents. */
  readonly deviceKey?: Uint8Array;
  readonly documentType: string;
  /** Seconds since 1970-01-01T00:00:00Z. */
  readonly signedS: number;
  readonly validFromS: number;
  readonly validUntilS: number;
  readonly iteration?: number;
  /** The reader shall check the time, and refuse if it has no clock. */
  readonly timeVerificationRequired: boolean;
}

/** One document of a DeviceResponse, taken apart but not believed. */
export interface AliroDocument {
  readonly documentType: string;
  /** Items of the namespace that is named like the document type. */
  readonly items: readonly IssuerSignedItem[];
  readonly securityObject: SecurityObject;
  /** How the issuer is named: first 8 bytes of a hash over its key, or a chain of X.509 certificates, or both. */
  readonly keyId?: Uint8Array;
  readonly certificates: readonly Uint8Array[];
  /** What the signature is over. */
  readonly toBeSigned: Uint8Array;
  readonly signature: Uint8Array;
}

/** First 8 bytes of SHA-256 over `key-identifier` and the issuer's public key (65 bytes). */
export function issuerKeyId(primitives: Pick<AliroPrimitives, "sha256">, publicKey: Uint8Array): Uint8Array {
  const text = new TextEncoder().encode("key-identifier");
  return primitives.sha256(concatBytes(text, publicKey)).slice(0, 8);
}

/** RFC 9052 §4.4, with no external data. */
export function issuerSignatureInput(protectedHeader: Uint8Array, payload: Uint8Array): Uint8Array {
  return writeCbor(["Signature1", protectedHeader, new Uint8Array(), payload]);
}

const HEADER_ALGORITHM = 1;
const HEADER_CRITICAL = 2;
const HEADER_KEY_ID = 4;
const HEADER_X5CHAIN = 33;
/** RFC 9053 §2.1. */
export const ALGORITHM_ES256 = -7;
const MAX_DOCUMENTS = 4;
const MAX_ITEMS = 16;
const MAX_CERTIFICATES = 3;
const U32 = 0xffff_ffff;

/**
 * Documents of a DeviceResponse, without any check of what they say; none of one whose status is not 0.
 *
 * @returns `undefined` for a version other than 1.0
 * @throws {CredentialError} `malformed`
 */
export function parseDeviceResponse(bytes: Uint8Array): readonly AliroDocument[] | undefined {
  const response = mapOf(readCbor(bytes), "device response");
  if (text(response.get("1"), "version") !== DOCUMENT_VERSION) return undefined;
  if (wholeNumber(response.get("3"), "status", 0, U32) !== 0) return [];
  return arrayOf(response.get("2") ?? [], "documents", MAX_DOCUMENTS).map(parseDocument);
}

/** A DeviceResponse around whole encoded documents; none of them is a response with a version and a status only. */
export function encodeDeviceResponse(documents: readonly Uint8Array[]): Uint8Array {
  const response = new Map<string, unknown>([["1", DOCUMENT_VERSION]]);
  if (documents.length > 0)
    response.set(
      "2",
      documents.map((document) => readCbor(document)),
    );
  response.set("3", 0);
  return writeCbor(response);
}

/**
 * The part of a stored document that a request asks for.
 *
 * @param document one document of a DeviceResponse, encoded
 * @returns `undefined` when it is of another type or holds none of the elements
 * @throws {CredentialError} `malformed`
 */
export function selectElements(document: Uint8Array, request: DocumentRequest): Uint8Array | undefined {
  const whole = mapOf(readCbor(document), "document");
  if (whole.get("5") !== request.documentType) return undefined;
  const issuerSigned = mapOf(whole.get("1"), "issuer signed");
  const items = arrayOf(
    mapOf(issuerSigned.get("1"), "namespaces").get(request.documentType),
    "items",
    MAX_ITEMS,
  ).filter((item) => request.elements.has(parseItem(item).elementId));
  if (items.length === 0) return undefined;
  return writeCbor(
    new Map<string, unknown>([
      [
        "1",
        new Map<string, unknown>([
          ["1", new Map([[request.documentType, items]])],
          ["2", issuerSigned.get("2")],
        ]),
      ],
      ["5", request.documentType],
    ]),
  );
}

/** The type that a stored document names on its outside; @throws {CredentialError} `malformed` */
export function documentTypeOf(document: Uint8Array): string {
  return text(mapOf(readCbor(document), "document").get("5"), "document type");
}

/** One document, @throws {CredentialError} `malformed` */
export function parseDocument(value: unknown): AliroDocument {
  const document = mapOf(value, "document");
  const documentType = text(document.get("5"), "document type");
  const issuerSigned = mapOf(document.get("1"), "issuer signed");
  const namespace = mapOf(issuerSigned.get("1") ?? new Map(), "namespaces").get(documentType) ?? [];
  const issuerAuth = arrayOf(issuerSigned.get("2"), "issuer signature", 4);
  const protectedHeader = byteString(issuerAuth[0], "protected header");
  const header = mapOf(readCbor(protectedHeader), "protected header");
  if (header.get(HEADER_ALGORITHM) !== ALGORITHM_ES256 || header.has(HEADER_CRITICAL)) {
    throw new CredentialError("malformed", "expected ES256 and no critical header");
  }
  const unprotected = mapOf(issuerAuth[1], "unprotected header");
  const payload = byteString(issuerAuth[2], "payload");
  const keyId = unprotected.get(HEADER_KEY_ID);
  return {
    documentType,
    items: arrayOf(namespace, "items", MAX_ITEMS).map(parseItem),
    securityObject: parseSecurityObject(payload),
    ...(keyId === undefined ? {} : { keyId: byteString(keyId, "key identifier", 8) }),
    certificates: certificatesOf(unprotected.get(HEADER_X5CHAIN)),
    toBeSigned: issuerSignatureInput(protectedHeader, payload),
    signature: byteString(issuerAuth[3], "signature", 64),
  };
}

function certificatesOf(value: unknown): readonly Uint8Array[] {
  if (value === undefined) return [];
  // RFC 9360 §2: one certificate stands alone, several in an array.
  if (value instanceof Uint8Array) return [value];
  return arrayOf(value, "certificates", MAX_CERTIFICATES).map((one) => byteString(one, "certificate"));
}

function parseItem(value: unknown): IssuerSignedItem {
  const bytes = encodedItemBytes(value, "item");
  const item = mapOf(readCbor(bytes), "item");
  if (byteString(item.get("2"), "salt").length < 16) {
    throw new CredentialError("malformed", "expected at least 16 random bytes in an item");
  }
  return {
    digestId: wholeNumber(item.get("1"), "digest identifier", 0, U32),
    elementId: text(item.get("3"), "element"),
    value: item.get("4"),
    encoded: writeCbor(new Tagged(CborTag.encodedItem, bytes)),
  };
}

function parseSecurityObject(payload: Uint8Array): SecurityObject {
  const mso = mapOf(readCbor(encodedItemBytes(readCbor(payload), "security object")), "security object");
  const documentType = text(mso.get("5"), "document type");
  const digests = new Map<number, Uint8Array>();
  for (const [id, digest] of mapOf(
    mapOf(mso.get("3"), "digests").get(documentType) ?? new Map(),
    "digests",
  )) {
    digests.set(wholeNumber(id, "digest identifier", 0, U32), byteString(digest, "digest", 32));
  }
  const validity = mapOf(mso.get("6"), "validity");
  const iteration = validity.get("5");
  const deviceKey = deviceKeyOf(mso.get("4"));
  return {
    version: text(mso.get("1"), "version"),
    digestAlgorithm: text(mso.get("2"), "digest algorithm"),
    digests,
    ...(deviceKey === undefined ? {} : { deviceKey }),
    documentType,
    signedS: dateTimeSeconds(validity.get("1"), "signing time"),
    validFromS: dateTimeSeconds(validity.get("2"), "begin of validity"),
    validUntilS: dateTimeSeconds(validity.get("3"), "end of validity"),
    ...(iteration === undefined ? {} : { iteration: wholeNumber(iteration, "iteration", 0, U32) }),
    timeVerificationRequired: mso.get("7") === true,
  };
}

/** COSE_Key of a P-256 point (RFC 9053 §7.1.1). */
export function coseKeyOf(publicKey: Uint8Array): Map<number, unknown> {
  return new Map<number, unknown>([
    [1, 2],
    [-1, 1],
    [-2, publicKey.slice(1, 33)],
    [-3, publicKey.slice(33)],
  ]);
}

function deviceKeyOf(value: unknown): Uint8Array | undefined {
  if (value === undefined) return undefined;
  const key = mapOf(mapOf(value, "device key information").get("1"), "device key");
  if (key.get(1) !== 2 || key.get(-1) !== 1) {
    throw new CredentialError("malformed", "expected a P-256 device key");
  }
  return concatBytes(Uint8Array.of(4), byteString(key.get(-2), "x", 32), byteString(key.get(-3), "y", 32));
}

/** Whether an item is the one whose digest the issuer signed. */
export function digestHolds(
  primitives: Pick<AliroPrimitives, "sha256">,
  document: AliroDocument,
  item: IssuerSignedItem,
): boolean {
  const digest = document.securityObject.digests.get(item.digestId);
  return digest !== undefined && equalBytes(digest, primitives.sha256(item.encoded));
}
