import { equalBytes } from "@menshen/crypto";
import { CredentialError } from "../../credential-error.ts";
import { ReaderStatus, type ReaderStatusValue } from "../aliro-codes.ts";
import type { AliroPrimitives } from "../aliro-primitives.ts";
import { type AccessData, parseAccessData } from "./access-data.ts";
import type { AliroDocumentType } from "./device-request.ts";
import { DOCUMENT_VERSION } from "./device-request.ts";
import {
  type AliroDocument,
  digestHolds,
  type IssuerSignedItem,
  issuerKeyId,
  parseDeviceResponse,
} from "./issuer-signed.ts";
import { parseRevocationData, type RevocationData } from "./revocation.ts";
import { scheduleState } from "./schedule.ts";
import { readIssuerCertificate } from "./x509.ts";

/**
 * Why a document is not accepted.
 *
 * Of the document: `malformed`; `unknown-version`; `no-document` of the type asked for; `wrong-type` outside and inside;
 * `no-issuer` named; `issuer-unknown`; `issuer-certificate` bad, expired, or not valid when the document was signed;
 * `bad-signature`; `digest-mismatch`; `other-device`; `not-yet-valid`; `expired`; `old-iteration`; `no-element` that was
 * asked for; `no-clock` though the document demands one.
 *
 * Of what it says: `critical-extension` and `reader-rule` that are not understood; `no-rule` for the action, with no
 * schedule that holds, or with a denying one that does.
 */
export type DocumentRefusal =
  | "malformed"
  | "unknown-version"
  | "no-document"
  | "wrong-type"
  | "no-issuer"
  | "issuer-unknown"
  | "issuer-certificate"
  | "bad-signature"
  | "digest-mismatch"
  | "other-device"
  | "not-yet-valid"
  | "expired"
  | "old-iteration"
  | "no-element"
  | "no-clock"
  | "critical-extension"
  | "reader-rule"
  | "no-rule";

/** The reader status that tells a device of each refusal. */
export const documentRefusalStatus: Readonly<Record<DocumentRefusal, ReaderStatusValue>> = {
  malformed: ReaderStatus.badFormat,
  "unknown-version": ReaderStatus.badContent,
  "no-document": ReaderStatus.badContent,
  "wrong-type": ReaderStatus.badContent,
  "no-issuer": ReaderStatus.notTrusted,
  "issuer-unknown": ReaderStatus.notTrusted,
  "issuer-certificate": ReaderStatus.notTrusted,
  "bad-signature": ReaderStatus.badSignature,
  "digest-mismatch": ReaderStatus.badContent,
  "other-device": ReaderStatus.badContent,
  "not-yet-valid": ReaderStatus.badContent,
  expired: ReaderStatus.badContent,
  "old-iteration": ReaderStatus.badContent,
  "no-element": ReaderStatus.badContent,
  "no-clock": ReaderStatus.denied,
  "critical-extension": ReaderStatus.badContent,
  "reader-rule": ReaderStatus.denied,
  "no-rule": ReaderStatus.denied,
};

/** What a reader knows of the time: it lies between these, in seconds since 1970-01-01T00:00:00Z. */
export interface DocumentTime {
  readonly earliestS: number;
  readonly latestS: number;
  /** How far the wall clock at the door is ahead of UTC, in seconds. */
  readonly utcOffsetS: number;
}

/** Whom a reader trusts, and what it has seen before. */
export interface DocumentTrust {
  /** Public keys (65 bytes) that sign documents. */
  readonly issuers: readonly Uint8Array[];
  /**
   * Public keys (65 bytes) that sign X.509 certificates of such keys. Never the issuer of reader certificates: a
   * stolen gate could then issue documents.
   */
  readonly authorities?: readonly Uint8Array[];
  /** The highest iteration accepted before from an issuer, for one type of document. */
  readonly newestIteration?: (issuer: Uint8Array, documentType: AliroDocumentType) => number | undefined;
}

/** A document that is authentic, for this device, and of this time; what it allows is another question. */
export interface VerifiedDocument {
  readonly issuer: Uint8Array;
  readonly items: readonly IssuerSignedItem[];
  /** To be kept as the newest if it is higher; the caller's to store. */
  readonly iteration?: number;
  readonly validUntilS: number;
}

export type DocumentVerification<T> =
  | ({ readonly accepted: true } & T)
  | { readonly accepted: false; readonly reason: DocumentRefusal };

/** Access documents this far behind the newest one seen are refused. */
const ITERATION_WINDOW = 8;

/** What is checked against what. */
export interface AccessDocumentCheck {
  readonly primitives: Pick<AliroPrimitives, "sha256" | "p256Verify">;
  /** A DeviceResponse. */
  readonly response: Uint8Array;
  readonly trust: DocumentTrust;
  /** `undefined` for a reader without a clock. */
  readonly time: DocumentTime | undefined;
  /** The credential that proved itself in AUTH1, 65 bytes. */
  readonly credential: Uint8Array;
  /** The element that was asked for. */
  readonly elementId: string;
  /** Bits of `AccessCapability`, all of which a rule has to hold. */
  readonly capability: number;
}

/**
 * Checks an access document and what it allows, at both ends of what the reader knows of the time: a document that
 * holds at only one of them does not count.
 *
 * @returns never throws for any bytes
 */
export function checkAccessDocument(
  check: AccessDocumentCheck,
): DocumentVerification<VerifiedDocument & { readonly access: AccessData }> {
  return guarded(() => {
    const { elementId, time } = check;
    const document = findDocument(check.response, "aliro-a");
    const verified = verify(check, document, "aliro-a", check.credential);
    const item = verified.items.find((one) => one.elementId === elementId);
    if (item === undefined) throw new Refused("no-element");
    const access = parseAccessData(item.value);
    if (access === undefined) throw new Refused("unknown-version");
    if (access.criticalExtension) throw new Refused("critical-extension");
    if (access.readerRuleIds !== undefined) throw new Refused("reader-rule");
    const allowed = access.rules.some((rule) => {
      if ((rule.capabilities & check.capability) !== check.capability) return false;
      const states = (mask: number) =>
        time === undefined
          ? undefined
          : [time.earliestS, time.latestS].map((atS) => statesAt(access, mask, atS, time.utcOffsetS));
      const { allowSchedules, denySchedules } = rule;
      if (allowSchedules !== undefined) {
        if (states(allowSchedules)?.every((at) => at.includes("in")) !== true) return false;
      }
      if (denySchedules !== undefined && denySchedules !== 0) {
        if (states(denySchedules)?.every((at) => at.every((state) => state === "out")) !== true) return false;
      }
      return true;
    });
    if (!allowed) throw new Refused("no-rule");
    return { ...verified, access };
  });
}

/** What is checked of a revocation document; as {@link AccessDocumentCheck}, but it belongs to no credential. */
export type RevocationDocumentCheck = Omit<AccessDocumentCheck, "credential" | "elementId" | "capability">;

/** Checks a revocation document; all its elements are taken. Never throws for any bytes. */
export function checkRevocationDocument(
  check: RevocationDocumentCheck,
): DocumentVerification<VerifiedDocument & { readonly revocations: readonly RevocationData[] }> {
  return guarded(() => {
    const verified = verify(check, findDocument(check.response, "aliro-r"), "aliro-r", undefined);
    const revocations = verified.items.map((item) => {
      const data = parseRevocationData(item.value);
      if (data === undefined) throw new Refused("unknown-version");
      return data;
    });
    if (revocations.length === 0) throw new Refused("no-element");
    return { ...verified, revocations };
  });
}

function findDocument(response: Uint8Array, type: AliroDocumentType): AliroDocument {
  const documents = parseDeviceResponse(response);
  if (documents === undefined) throw new Refused("unknown-version");
  const [first] = documents;
  if (first === undefined) throw new Refused("no-document");
  const document = documents.find(({ documentType }) => documentType === type);
  if (document === undefined) throw new Refused("wrong-type");
  return document;
}

function verify(
  check: RevocationDocumentCheck,
  document: AliroDocument,
  type: AliroDocumentType,
  credential: Uint8Array | undefined,
): VerifiedDocument {
  const { primitives, trust, time } = check;
  const { securityObject } = document;
  const issuer = issuerOf(check, document);
  if (!primitives.p256Verify(issuer, document.toBeSigned, document.signature)) {
    throw new Refused("bad-signature");
  }
  if (securityObject.version !== DOCUMENT_VERSION || securityObject.digestAlgorithm !== "SHA-256") {
    throw new Refused("unknown-version");
  }
  if (securityObject.documentType !== type) throw new Refused("wrong-type");
  if (document.items.length === 0) throw new Refused("no-element");
  if (!document.items.every((item) => digestHolds(primitives, document, item))) {
    throw new Refused("digest-mismatch");
  }
  if (credential !== undefined) {
    const { deviceKey } = securityObject;
    if (deviceKey === undefined || !equalBytes(deviceKey, credential)) throw new Refused("other-device");
  }
  if (time === undefined) {
    if (securityObject.timeVerificationRequired) throw new Refused("no-clock");
  } else {
    if (time.earliestS < securityObject.validFromS) throw new Refused("not-yet-valid");
    if (time.latestS > securityObject.validUntilS) throw new Refused("expired");
  }
  const { iteration, validUntilS } = securityObject;
  const newest = trust.newestIteration?.(issuer, type);
  const behind = (newest ?? 0) - (iteration ?? 0);
  // A revocation document takes effect, so an older one must never undo a newer one.
  if (newest !== undefined && behind >= (type === "aliro-r" ? 1 : ITERATION_WINDOW)) {
    throw new Refused("old-iteration");
  }
  return { issuer, items: document.items, validUntilS, ...(iteration === undefined ? {} : { iteration }) };
}

/** The trusted key that should have signed, by its identifier or by a certificate of a trusted key. */
function issuerOf(
  { primitives, trust, time }: RevocationDocumentCheck,
  { keyId, certificates, securityObject }: AliroDocument,
): Uint8Array {
  if (keyId === undefined && certificates.length === 0) throw new Refused("no-issuer");
  const byId = (keys: readonly Uint8Array[]) =>
    keyId === undefined ? undefined : keys.find((key) => equalBytes(issuerKeyId(primitives, key), keyId));
  const direct = byId(trust.issuers);
  if (direct !== undefined) return direct;
  const [leaf, ...others] = certificates;
  if (leaf === undefined) throw new Refused("issuer-unknown");
  if (others.length > 0) throw new Refused("issuer-certificate");
  for (const authority of trust.authorities ?? []) {
    const certificate = readIssuerCertificate(primitives, leaf, authority);
    if (certificate === undefined) continue;
    const { publicKey, notBeforeS, notAfterS } = certificate;
    if (keyId !== undefined && byId([publicKey]) === undefined) throw new Refused("issuer-certificate");
    const moments = [securityObject.signedS, ...(time === undefined ? [] : [time.earliestS, time.latestS])];
    if (moments.some((atS) => atS < notBeforeS || atS > notAfterS)) throw new Refused("issuer-certificate");
    return publicKey;
  }
  throw new Refused("issuer-unknown");
}

/** States of the schedules that a mask names; a bit without a schedule is `unknown`. */
function statesAt(access: AccessData, mask: number, atS: number, utcOffsetS: number) {
  return Array.from({ length: 32 }, (_, bit) => bit)
    .filter((bit) => ((mask >>> bit) & 1) === 1)
    .map((bit) => {
      const schedule = access.schedules[bit];
      return schedule === undefined ? "unknown" : scheduleState(schedule, atS, utcOffsetS);
    });
}

/** Leaves a check from within; never leaves this file. */
class Refused extends Error {
  readonly reason: DocumentRefusal;

  constructor(reason: DocumentRefusal) {
    super(reason);
    this.reason = reason;
  }
}

function guarded<T>(run: () => T): DocumentVerification<T> {
  try {
    return { accepted: true, ...run() };
  } catch (error) {
    if (error instanceof Refused) return { accepted: false, reason: error.reason };
    if (error instanceof CredentialError) return { accepted: false, reason: "malformed" };
    throw error;
  }
}
