import { concatBytes } from "@menshen/crypto";
import { encodeCommand, encodeResponse, StatusWord } from "../apdu/apdu.ts";
import { CredentialError } from "../credential-error.ts";
import { encodeTlv, readTlvMap, requiredValue } from "../tlv/ber-tlv.ts";

// APDUs of the PKOC NFC Transport Profile 2.0.1. SE V1 (§4 to §6): SELECT, AUTHENTICATE. SE V2 (§6.2, §8): SELECT,
// GET DATA for what the card can do and for its certificate, INTERNAL AUTHENTICATE.

/** Application identifier of PKOC. */
export const PKOC_APPLICATION = Uint8Array.of(0xa0, 0x00, 0x00, 0x08, 0x98, 0x00, 0x00, 0x01);

/** The protocol version of SE V1 cards. */
export const PKOC_VERSION_1 = Uint8Array.of(0x01, 0x00);
/** What marks an SE V2 card in its information object. */
export const PKOC_VERSION_2 = Uint8Array.of(0x02, 0x00);

export const PKOC_TRANSACTION_BYTES = 16;
export const PKOC_READER_IDENTIFIER_BYTES = 32;
export const PKOC_CHALLENGE_BYTES = 32;

/** Tags of the data objects. */
export const PkocTag = {
  version: 0x5c,
  transactionId: 0x4c,
  readerIdentifier: 0x4d,
  publicKey: 0x5a,
  signature: 0x9e,
  information: 0x7f63,
  certificate: 0x7f21,
} as const;

const SELECT = { cla: 0x00, ins: 0xa4, p1: 0x04, p2: 0x00 } as const;
const GET_DATA = { cla: 0x00, ins: 0xca } as const;
const empty = new Uint8Array();

/** SELECT of the application. */
export function pkocSelectCommand(): Uint8Array {
  return encodeCommand({ ...SELECT, data: PKOC_APPLICATION, le: 256 });
}

/** GET DATA of the information object or of the certificate. */
export function pkocGetDataCommand(tag: typeof PkocTag.information | typeof PkocTag.certificate): Uint8Array {
  return encodeCommand({ ...GET_DATA, p1: tag >> 8, p2: tag & 0xff, data: empty, le: 256 });
}

/**
 * AUTHENTICATE of SE V1.
 *
 * @param transactionId 16 fresh random bytes: all that the card signs
 * @param readerIdentifier 32 bytes that the card is told and does not sign
 * @throws {CredentialError} `bad-argument` for other lengths
 */
export function pkocAuthenticateCommand(transactionId: Uint8Array, readerIdentifier: Uint8Array): Uint8Array {
  requireBytes("a transaction identifier", transactionId, PKOC_TRANSACTION_BYTES);
  requireBytes("a reader identifier", readerIdentifier, PKOC_READER_IDENTIFIER_BYTES);
  const data = concatBytes(
    encodeTlv(PkocTag.version, PKOC_VERSION_1),
    encodeTlv(PkocTag.transactionId, transactionId),
    encodeTlv(PkocTag.readerIdentifier, readerIdentifier),
  );
  return encodeCommand({ cla: 0x80, ins: 0x80, p1: 0x00, p2: 0x01, data });
}

/**
 * INTERNAL AUTHENTICATE of SE V2.
 *
 * @param challenge 32 fresh random bytes
 * @throws {CredentialError} `bad-argument` for another length
 */
export function pkocInternalAuthenticateCommand(challenge: Uint8Array): Uint8Array {
  requireBytes("a challenge", challenge, PKOC_CHALLENGE_BYTES);
  return encodeCommand({ cla: 0x00, ins: 0x88, p1: 0x00, p2: 0x00, data: challenge, le: 256 });
}

/** What an AUTHENTICATE asks the card to sign. */
export interface PkocAuthenticate {
  readonly version: Uint8Array;
  readonly transactionId: Uint8Array;
  readonly readerIdentifier: Uint8Array;
}

/** Reads the data of AUTHENTICATE; the card's side. Throws `CredentialError` `malformed`. */
export function readPkocAuthenticate(data: Uint8Array): PkocAuthenticate {
  const objects = readTlvMap(data);
  return {
    version: requiredValue(objects, PkocTag.version, 2),
    transactionId: requiredValue(objects, PkocTag.transactionId, PKOC_TRANSACTION_BYTES),
    readerIdentifier: requiredValue(objects, PkocTag.readerIdentifier, PKOC_READER_IDENTIFIER_BYTES),
  };
}

/** The answer to SELECT: the versions that the card speaks, 2 bytes each. */
export function pkocSelectResponse(...versions: readonly Uint8Array[]): Uint8Array {
  return encodeResponse({ data: encodeTlv(PkocTag.version, ...versions), sw: StatusWord.ok });
}

/**
 * The versions in the data of a SELECT answer.
 *
 * @throws {CredentialError} `malformed` for none, or half of one
 */
export function readPkocVersions(data: Uint8Array): readonly Uint8Array[] {
  const bytes = requiredValue(readTlvMap(data), PkocTag.version);
  if (bytes.length === 0 || bytes.length % 2 !== 0) {
    throw new CredentialError("malformed", `expected versions of 2 bytes, got ${bytes.length} bytes`);
  }
  return Array.from({ length: bytes.length / 2 }, (_, i) => bytes.slice(2 * i, 2 * i + 2));
}

/** Whether the data of an information object mark an SE V2 card. Throws `CredentialError` `malformed`. */
export function isPkocV2Information(data: Uint8Array): boolean {
  const [major, minor] = requiredValue(
    readTlvMap(requiredValue(readTlvMap(data), PkocTag.information)),
    PkocTag.version,
  );
  return major === PKOC_VERSION_2[0] && minor === PKOC_VERSION_2[1];
}

/** The answer to GET DATA of the information object of an SE V2 card. */
export function pkocV2InformationResponse(): Uint8Array {
  const data = encodeTlv(PkocTag.information, encodeTlv(PkocTag.version, PKOC_VERSION_2));
  return encodeResponse({ data, sw: StatusWord.ok });
}

/** What a card answers to AUTHENTICATE. */
export interface PkocProof {
  /** 65 bytes, `04 || x || y`; whether it is on the curve is for the verification to find out. */
  readonly publicKey: Uint8Array;
  /** `r || s`, 64 bytes. */
  readonly signature: Uint8Array;
}

/** The answer to AUTHENTICATE. */
export function pkocAuthenticateResponse(proof: PkocProof): Uint8Array {
  const data = concatBytes(
    encodeTlv(PkocTag.publicKey, proof.publicKey),
    encodeTlv(PkocTag.signature, proof.signature),
  );
  return encodeResponse({ data, sw: StatusWord.ok });
}

/** Reads the data of an AUTHENTICATE answer. Throws `CredentialError` `malformed`. */
export function readPkocProof(data: Uint8Array): PkocProof {
  const objects = readTlvMap(data);
  return {
    publicKey: requiredValue(objects, PkocTag.publicKey, 65),
    signature: requiredValue(objects, PkocTag.signature, 64),
  };
}

/** The answer to INTERNAL AUTHENTICATE. */
export function pkocSignatureResponse(signature: Uint8Array): Uint8Array {
  return encodeResponse({ data: encodeTlv(PkocTag.signature, signature), sw: StatusWord.ok });
}

/** Reads the data of an INTERNAL AUTHENTICATE answer: 64 bytes. Throws `CredentialError` `malformed`. */
export function readPkocSignature(data: Uint8Array): Uint8Array {
  return requiredValue(readTlvMap(data), PkocTag.signature, 64);
}

function requireBytes(what: string, bytes: Uint8Array, lengthBytes: number): void {
  if (bytes.length !== lengthBytes) {
    throw new CredentialError(
      "bad-argument",
      `expected ${what} of ${lengthBytes} bytes, got ${bytes.length}`,
    );
  }
}
