/** Keys by reference: in a sealed file or in a PKCS#11 token; ceremonies and shares. */
export * from "./card-key-names.ts";
export {
  combineKeyParts,
  drawKeyPart,
  FEWEST_PARTS,
  type KeyPart,
  keyPart,
  symmetricCheckValue,
} from "./ceremony.ts";
export * from "./errors.ts";
export { changePassphrase, openFileKeyService } from "./file-key-service.ts";
export { openKeyAccess } from "./key-access.ts";
export {
  KEY_USES,
  type KeyAccess,
  type KeyDescription,
  type KeyReference,
  type KeyService,
  type KeyShare,
  type KeyUse,
  referenceText,
  type SymmetricUse,
} from "./key-service.ts";
export * from "./key-shares.ts";
export { openPkcs11KeyService } from "./pkcs11/open-token.ts";
export type { Pkcs11Token } from "./pkcs11/pkcs11-key-service.ts";
