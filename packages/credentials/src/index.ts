/**
 * Card credentials: channels, card protocols and what a presented card proves. Runs in any JavaScript runtime;
 * cryptography comes in as `Primitives`. `./node` adds PC/SC and APDU sockets.
 */
export * from "./aliro/index.ts";
export * from "./apdu/apdu.ts";
export * from "./card/authenticate-application.ts";
export * from "./card/authenticate-card.ts";
export * from "./card/card-layout.ts";
export * from "./card/card-presentation.ts";
export * from "./card/card-version.ts";
export * from "./card/credential-key.ts";
export * from "./card/identify-card.ts";
export { type PkocDoor, presentPkoc } from "./card/present-pkoc.ts";
export * from "./channel/apdu-socket-frame.ts";
export * from "./channel/card-channel.ts";
export * from "./channel/software-card.ts";
export * from "./credential-error.ts";
export * from "./desfire/access-rights.ts";
export * from "./desfire/factory-key.ts";
export * from "./desfire/key-change.ts";
export * from "./desfire/native-framing.ts";
export * from "./desfire/native-reader.ts";
export * from "./ev2/authentication.ts";
export * from "./ev2/diversification.ts";
export * from "./ev2/secure-session.ts";
export * from "./ev2/session-cipher.ts";
export * from "./legacy/card-list/parse-card-list.ts";
export type { ClassicSector } from "./legacy/card-memory.ts";
export * from "./legacy/card-sequence.ts";
export * from "./legacy/chip-family.ts";
export * from "./legacy/osdp-raw.ts";
export * from "./legacy/read-manufacturer-block.ts";
export * from "./legacy/wiegand.ts";
export * from "./lrp/lrp.ts";
export * from "./lrp/lrp-authentication.ts";
export * from "./pass/door-challenge.ts";
export * from "./pass/pass-memory.ts";
export * from "./pass/pass-text.ts";
export * from "./pass/phone-pass.ts";
export * from "./pass/read-visitor-pass.ts";
export * from "./pass/short-id.ts";
export type { PassPrimitives, SignedPassRefusal, UnsignedPass } from "./pass/signed-pass.ts";
export * from "./pass/visit-link.ts";
export * from "./pass/visitor-pass.ts";
export { orderFromAnswer } from "./personalise/answered-order.ts";
export * from "./personalise/card-key-set.ts";
export type { DeskPrimitives, ForeignPlace } from "./personalise/desk.ts";
export { readHiddenUid } from "./personalise/hidden-uid.ts";
export type { PersonalisationOrder } from "./personalise/personalisation-order.ts";
export * from "./personalise/personalise-card.ts";
export * from "./personalise/result-record.ts";
export type { SunMirror } from "./personalise/sun-file.ts";
export * from "./personalise/transaction-mac.ts";
export * from "./pkoc/ble-device.ts";
export {
  encodeReaderOutcome,
  PKOC_BLE_STATUS,
  type PkocBleStatus,
  readReaderOutcome,
} from "./pkoc/ble-messages.ts";
export * from "./pkoc/ble-reader.ts";
export * from "./pkoc/certificate.ts";
export * from "./pkoc/nfc-card.ts";
export {
  PKOC_APPLICATION,
  PKOC_READER_IDENTIFIER_BYTES,
  PKOC_TRANSACTION_BYTES,
  type PkocProof,
  pkocAuthenticateCommand,
  pkocSelectCommand,
  readPkocProof,
  readPkocVersions,
} from "./pkoc/nfc-messages.ts";
export * from "./pkoc/nfc-reader.ts";
export * from "./pkoc/pkoc-credential.ts";
export type { PkocKeyPair, PkocPrimitives } from "./pkoc/pkoc-primitives.ts";
export {
  issuePkocReaderCertificate,
  type PkocReaderCertificateFields,
  type PkocReaderCertificateRefusal,
} from "./pkoc/reader-certificate.ts";
export * from "./sdm/sdm-crypto.ts";
export * from "./sdm/sdm-settings.ts";
export * from "./sdm/sun-layout.ts";
export * from "./sdm/sun-verification.ts";
export * from "./token/visit-token.ts";
