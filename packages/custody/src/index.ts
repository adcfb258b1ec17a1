export * from "./ballot/index.ts";
export {
  abandonCeremony,
  beginCeremony,
  type CeremonyFault,
  type CeremonyKey,
  type CeremonyState,
  type CeremonyStep,
  type MessageRefusal,
  makeCeremonyKey,
  receiveMessage,
} from "./ceremony.ts";
export { isMessageOf } from "./ceremony-message.ts";
export { type CeremonyCall, signSeat, verifySeat } from "./ceremony-seat.ts";
export { CEREMONY_ID_BYTES, type CeremonySetup, DEFAULT_EPOCH_COUNT, encodeSetup } from "./ceremony-setup.ts";
export {
  type CeremonyCertificate,
  type CertificateVerdict,
  keysOfCertificate,
  parseCertificate,
  verifyCertificate,
} from "./certificate.ts";
export * from "./custodian/index.ts";
export {
  type Custodian,
  type CustodianSet,
  type Endorsement,
  encodeCustodianSet,
  endorse,
  type FollowedSets,
  followCustodianSets,
  parseCustodianSet,
  type ShownSet,
  verifyEndorsement,
  verifyEndorsements,
} from "./custodian-set.ts";
export {
  DESK_NAME_BYTES,
  type DeskNamePlace,
  type DeskNamePrimitives,
  deskKeyId,
  deskKeyIdOf,
  openDeskName,
  sealDeskName,
} from "./desk-name.ts";
export { type DestructionReceipt, signReceipt, verifyReceipt } from "./destruction-receipt.ts";
export { type EpochKey, type EpochKeyParts, encodeEpochKey, parseEpochKey } from "./epoch-key.ts";
export { CustodyError, type CustodyErrorCode } from "./errors.ts";
export * from "./evidence-package/index.ts";
export { isSealedPartial, parseHeldPartial, sealPartial } from "./hold.ts";
export {
  encodeIdentityText,
  IDENTITY_TEXT_BYTES,
  type IdentityText,
  parseIdentityText,
} from "./identity-text.ts";
export type { EntryLabel } from "./label.ts";
export {
  combinePartials,
  encodePartial,
  faultOfPartial,
  type KeyShare,
  makePartial,
  type Opening,
  type PartialDecryption,
  type PartialFault,
  type PartialRefusal,
  parsePartial,
  type RejectedPartial,
} from "./opening.ts";
export {
  type LoggedStatement,
  makePackage,
  type OpenedEntry,
  type OpeningPackage,
  type ParsedPackage,
  parsePackage,
  type StatedHolder,
  UNOPENED_REASONS,
  type UnopenedReason,
} from "./opening-package.ts";
export { parsePackageKeys } from "./opening-package-keys.ts";
export { packageFaultText } from "./opening-package-texts.ts";
export {
  labelOf,
  type PackageFault,
  type PackageFaultCode,
  type PackageKeys,
  type PackageVerdict,
  type VerifiedEntry,
  verifyPackage,
} from "./opening-package-verify.ts";
export * from "./recount/index.ts";
export {
  MAX_PLAINTEXT_BYTES,
  type PreparedSeal,
  parseSealedEntry,
  prepareSeal,
  type SealedEntry,
  sealEntry,
  verifySealedEntry,
} from "./sealed-entry.ts";
export { objectedSeats, objectToSeats, type ShownSeat } from "./seat-objection.ts";
export { DEFAULT_THRESHOLD, type Threshold } from "./shares.ts";
export {
  authorizeRequest,
  parseAuthorization,
  REQUEST_TOLERANCE_MS,
  type RequestAuthorization,
  type SignedParts,
  verifyAuthorization,
} from "./signed-request.ts";
export {
  makeTrailOpener,
  TRAIL_WRAP_BYTES,
  type TrailOpener,
  type TrailText,
  type WrapPrimitives,
  wrapTrail,
} from "./trail-wrap.ts";
export { type VouchedVerdict, verifyVouch, verifyVouchedCertificate, vouchFor } from "./vouch.ts";
export {
  asksForNoLess,
  encodeWitnessPolicy,
  endorseWitnessPolicy,
  isEndorsedPolicy,
  type LogTrust,
  parseWitnessPolicy,
  type ShownPolicy,
  verifyPolicyEndorsement,
  type WitnessPolicy,
} from "./witness-policy.ts";
