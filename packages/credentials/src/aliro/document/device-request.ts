import { arrayOf, encodedItem, encodedItemBytes, mapOf, readCbor, text, writeCbor } from "./document-cbor.ts";

/** Document types, which are also the names of their namespaces. */
export const DOCUMENT_TYPES = ["aliro-a", "aliro-r"] as const;
/** `aliro-a`: what the bearer may do. `aliro-r`: which credentials are revoked. */
export type AliroDocumentType = (typeof DOCUMENT_TYPES)[number];

/** The version of requests and responses spoken here. */
export const DOCUMENT_VERSION = "1.0";

/** A request for one document. */
export interface DocumentRequest {
  readonly documentType: string;
  /** Element identifiers, each with whether the reader means to keep it. */
  readonly elements: ReadonlyMap<string, boolean>;
}

const MAX_REQUESTS = 4;
const MAX_ELEMENTS = 16;

/** DeviceRequest in CBOR. */
export function encodeDeviceRequest(requests: readonly DocumentRequest[]): Uint8Array {
  return writeCbor(
    new Map<string, unknown>([
      ["1", DOCUMENT_VERSION],
      [
        "2",
        requests.map(({ documentType, elements }) => {
          const items = new Map<string, unknown>([
            ["1", new Map([[documentType, new Map(elements)]])],
            ["5", documentType],
          ]);
          return new Map([["1", encodedItem(items)]]);
        }),
      ],
    ]),
  );
}

/**
 * Reads a DeviceRequest.
 *
 * @returns `undefined` for a version other than 1.0
 * @throws {CredentialError} `malformed`
 */
export function parseDeviceRequest(bytes: Uint8Array): readonly DocumentRequest[] | undefined {
  const request = mapOf(readCbor(bytes), "device request");
  if (text(request.get("1"), "version") !== DOCUMENT_VERSION) return undefined;
  return arrayOf(request.get("2"), "requests", MAX_REQUESTS).map((entry) => {
    const items = mapOf(
      readCbor(encodedItemBytes(mapOf(entry, "request").get("1"), "items request")),
      "items request",
    );
    const documentType = text(items.get("5"), "document type");
    const wanted = mapOf(mapOf(items.get("1"), "namespaces").get(documentType) ?? new Map(), "elements");
    const elements = [...wanted].slice(0, MAX_ELEMENTS);
    return {
      documentType,
      elements: new Map(elements.map(([name, keeps]) => [text(name, "element"), keeps === true])),
    };
  });
}
