import { CredentialError } from "../../credential-error.ts";
import { type AliroPrimitives, POINT_BYTES } from "../aliro-primitives.ts";
import type { AliroSigner } from "../reader-certificate.ts";
import { type AccessData, accessDataToCbor } from "./access-data.ts";
import { DOCUMENT_VERSION } from "./device-request.ts";
import { dateTime, encodedItem, writeCbor } from "./document-cbor.ts";
import { ALGORITHM_ES256, coseKeyOf, issuerKeyId, issuerSignatureInput } from "./issuer-signed.ts";
import { type RevocationData, revocationDataToCbor } from "./revocation.ts";

/** When a document holds; seconds since 1970-01-01T00:00:00Z, whole. */
export interface DocumentValidity {
  readonly signedS: number;
  readonly fromS: number;
  readonly untilS: number;
  /** When the issuer expects to have a newer one. */
  readonly expectedUpdateS?: number;
  /** Counts up when older documents shall lose their worth: readers refuse what is 8 or more behind. */
  readonly iteration?: number;
}

/** What every document is issued with. */
export interface DocumentIssuer {
  readonly primitives: Pick<AliroPrimitives, "sha256">;
  readonly signer: AliroSigner;
  /** Fresh random bytes for the salts: the operating system's generator in production. */
  readonly random: (lengthBytes: number) => Uint8Array;
}

/** An access document for one credential. */
export interface AccessDocumentRequest {
  /** The credential's public key, 65 bytes. */
  readonly credential: Uint8Array;
  /** Element identifiers (the place or purpose, as readers ask for it) and what they say. */
  readonly elements: ReadonlyMap<string, AccessData>;
  /** Elements that say something else in bytes of the issuer's own, such as where a log has the credential. */
  readonly notes?: ReadonlyMap<string, Uint8Array>;
  readonly validity: DocumentValidity;
  /** A reader without a clock shall refuse; schedules and end of validity mean little otherwise. */
  readonly timeVerificationRequired: boolean;
}

/**
 * Issues an access document: one document of a DeviceResponse, encoded, for the resident's phone to keep.
 *
 * @throws {CredentialError} `bad-argument` for no element, more than 16, a key that is no point, a validity that ends
 *   before it begins, or access data outside its ranges
 */
export function issueAccessDocument(issuer: DocumentIssuer, request: AccessDocumentRequest): Uint8Array {
  if (request.credential.length !== POINT_BYTES || request.credential[0] !== 4) {
    throw new CredentialError("bad-argument", "expected an uncompressed P-256 point");
  }
  const elements = [
    ...[...request.elements].map(([id, data]): [string, unknown] => [id, accessDataToCbor(data)]),
    ...(request.notes ?? []),
  ];
  return issue(issuer, "aliro-a", elements, request.validity, {
    deviceKey: request.credential,
    timeVerificationRequired: request.timeVerificationRequired,
  });
}

/** A revocation document; phones carry it to doors that are offline. */
export interface RevocationDocumentRequest {
  readonly elementId: string;
  readonly data: RevocationData;
  /** Its iteration has to grow with each one: readers refuse any step back. */
  readonly validity: DocumentValidity & { readonly iteration: number };
}

/**
 * Issues a revocation document: one document of a DeviceResponse, encoded. It names no device.
 *
 * @throws {CredentialError} `bad-argument` as {@link issueAccessDocument}
 */
export function issueRevocationDocument(
  issuer: DocumentIssuer,
  request: RevocationDocumentRequest,
): Uint8Array {
  const elements: [string, unknown][] = [[request.elementId, revocationDataToCbor(request.data)]];
  return issue(issuer, "aliro-r", elements, request.validity, { timeVerificationRequired: false });
}

const SALT_BYTES = 16;
const MAX_ELEMENTS = 16;

function issue(
  { primitives, signer, random }: DocumentIssuer,
  documentType: string,
  elements: readonly (readonly [string, unknown])[],
  validity: DocumentValidity,
  options: { readonly deviceKey?: Uint8Array; readonly timeVerificationRequired: boolean },
): Uint8Array {
  if (elements.length === 0 || elements.length > MAX_ELEMENTS) {
    throw new CredentialError("bad-argument", `expected 1 to ${MAX_ELEMENTS} elements`);
  }
  if (validity.fromS > validity.untilS) {
    throw new CredentialError("bad-argument", "expected the end of the validity not before its begin");
  }
  const items = elements.map(([elementId, value], index) =>
    encodedItem(
      new Map<string, unknown>([
        ["1", index + 1],
        ["2", random(SALT_BYTES)],
        ["3", elementId],
        ["4", value],
      ]),
    ),
  );
  const digests = new Map(items.map((item, index) => [index + 1, primitives.sha256(writeCbor(item))]));
  const payload = writeCbor(encodedItem(securityObject(documentType, digests, validity, options)));
  const protectedHeader = writeCbor(new Map([[1, ALGORITHM_ES256]]));
  const signature = signer.sign(issuerSignatureInput(protectedHeader, payload));
  const keyId = issuerKeyId(primitives, signer.publicKey);
  return writeCbor(
    new Map<string, unknown>([
      [
        "1",
        new Map<string, unknown>([
          ["1", new Map([[documentType, items]])],
          ["2", [protectedHeader, new Map([[4, keyId]]), payload, signature]],
        ]),
      ],
      ["5", documentType],
    ]),
  );
}

function securityObject(
  documentType: string,
  digests: ReadonlyMap<number, Uint8Array>,
  validity: DocumentValidity,
  options: { readonly deviceKey?: Uint8Array; readonly timeVerificationRequired: boolean },
): Map<string, unknown> {
  const dates = new Map<string, unknown>([
    ["1", dateTime(validity.signedS)],
    ["2", dateTime(validity.fromS)],
    ["3", dateTime(validity.untilS)],
  ]);
  if (validity.expectedUpdateS !== undefined) dates.set("4", dateTime(validity.expectedUpdateS));
  if (validity.iteration !== undefined) dates.set("5", validity.iteration);
  const mso = new Map<string, unknown>([
    ["1", DOCUMENT_VERSION],
    ["2", "SHA-256"],
    ["3", new Map([[documentType, digests]])],
  ]);
  if (options.deviceKey !== undefined) mso.set("4", new Map([["1", coseKeyOf(options.deviceKey)]]));
  mso.set("5", documentType);
  mso.set("6", dates);
  mso.set("7", options.timeVerificationRequired);
  return mso;
}
