export * from "./aliro-codes.ts";
export * from "./aliro-primitives.ts";
export * from "./aliro-reader.ts";
export * from "./aliro-transport.ts";
export * from "./auth0-message.ts";
export * from "./auth1-message.ts";
export * from "./ble-message.ts";
export * from "./document/access-data.ts";
export * from "./document/device-request.ts";
export { DOCUMENT_MAX_BYTES } from "./document/document-cbor.ts";
export * from "./document/elements.ts";
export * from "./document/issue-document.ts";
export {
  type AliroDocument,
  documentTypeOf,
  encodeDeviceResponse,
  issuerKeyId,
  parseDeviceResponse,
  selectElements,
} from "./document/issuer-signed.ts";
export * from "./document/revocation.ts";
export * from "./document/schedule.ts";
export * from "./document/verify-document.ts";
export * from "./envelope-message.ts";
export * from "./exchange-message.ts";
export * from "./extended-apdu.ts";
export * from "./key-derivation.ts";
export * from "./mailbox.ts";
export * from "./possession.ts";
export * from "./reader-certificate.ts";
export * from "./secure-channel.ts";
export * from "./select-message.ts";
