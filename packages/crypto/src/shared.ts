// What both entry points offer in the same words and the same code.
export type { CcmOptions } from "./aes-ccm.ts";
export type { Argon2Cost, Argon2id } from "./argon2id.ts";
export {
  BLIND_RSA_PREFIX_BYTES,
  type BlindRsaRequest,
  blindRsaFinish,
  blindRsaRequest,
} from "./blind-rsa.ts";
export { concatBytes, equalBytes, fromHex, toHex, wipe } from "./bytes.ts";
export type {
  Cose,
  CoseRefusal,
  CoseSign1Input,
  CoseSign1Preparation,
  CoseVerification,
  CoseVerify1Input,
} from "./cose.ts";
export { COSE_MAX_BYTES, prepareCoseSign1 } from "./cose.ts";
export type { CryptoErrorCode } from "./crypto-error.ts";
export { CryptoError } from "./crypto-error.ts";
export type { HpkeKey, HpkeSealed } from "./hpke.ts";
export { hpkeGenerate, hpkeOpen, hpkeSeal } from "./hpke.ts";
export { p256Compress } from "./p256-compress.ts";
export { type HeldKey, p256GenerateHeld, p256SignHeld } from "./p256-held-key.ts";
export type { Primitives } from "./primitives.ts";
export type { RandomBytes } from "./ristretto255.ts";
export { RISTRETTO_BYTES, RistrettoElement, RistrettoScalar, sha512 } from "./ristretto255.ts";
export type { SignatureAlgorithm, SigningKey, VerifyKey } from "./signature-keys.ts";
export { SIGNATURE_BYTES } from "./signature-keys.ts";
export {
  type RequestAuthorization,
  type RequestSigner,
  requestSigner,
  type SignedParts,
} from "./signed-requests.ts";
export { smallMultiples } from "./small-multiples.ts";
export type { TotpHash, TotpParameters } from "./totp.ts";
export {
  VOPRF_MAX_BATCH,
  VOPRF_PROOF_BYTES,
  type VoprfAnswer,
  type VoprfKeys,
  type VoprfQuestion,
  voprfBlind,
  voprfEvaluate,
  voprfFinalize,
  voprfGenerate,
  voprfKeysOf,
} from "./voprf.ts";
export { digestBy, type SignatureHash, type SpkiKey, verifyBySpki } from "./x509-signature.ts";
export { importX25519, type X25519Agreement } from "./x25519-import.ts";
export { XCHACHA_TAG_BYTES, xchachaOpen, xchachaSeal } from "./xchacha20-poly1305.ts";
