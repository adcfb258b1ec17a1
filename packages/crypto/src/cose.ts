import { decode, encode, rfc8949EncodeOptions, Tagged } from "cborg";
import { equalBytes } from "./bytes.ts";
import { requireLength } from "./checks.ts";
import type { SignatureAlgorithm, SigningKey, VerifyKey } from "./signature-keys.ts";
import { SIGNATURE_BYTES } from "./signature-keys.ts";

/** COSE_Sign1 (RFC 9052 §4.2), always with its tag 18 and its payload inside. */
const COSE_SIGN1_TAG = 18;

/** RFC 9052 §3.1 and RFC 9053 §2: the only algorithm identifiers read or written. */
const identifierOf: Readonly<Record<SignatureAlgorithm, number>> = { EdDSA: -8, ES256: -7 };

const HEADER_ALG = 1;
const HEADER_CRIT = 2;
const HEADER_CONTENT_TYPE = 3;
const HEADER_KID = 4;

/** Labels this code understands and therefore accepts inside `crit`. */
const understood: ReadonlySet<unknown> = new Set([HEADER_ALG, HEADER_CONTENT_TYPE, HEADER_KID]);

/** Messages above this are refused before decoding; snapshots are cut into smaller ones. */
export const COSE_MAX_BYTES = 64 * 1024 * 1024;

/** What is signed and how. */
export interface CoseSign1Input {
  readonly payload: Uint8Array;
  readonly key: SigningKey;
  /** Which key signed, as the verifier finds it; written into the unprotected header (a hint, RFC 9052 §3.1). */
  readonly kid?: Uint8Array;
  /** Bytes both sides know and the message does not carry (RFC 9052 §4.3): binds it to a purpose. */
  readonly externalAad?: Uint8Array;
  /** CoAP content format or media type; protected, so that one kind of document cannot pass for another. */
  readonly contentType?: number | string;
}

/** What a key that cannot be handed over is to sign: one of WebCrypto, or behind PKCS #11. */
export interface CoseSign1Preparation extends Omit<CoseSign1Input, "key"> {
  readonly alg: SignatureAlgorithm;
}

/** What is checked, and against which key. */
export interface CoseVerify1Input {
  /** The encoded, tagged COSE_Sign1. */
  readonly message: Uint8Array;
  /**
   * The key, or a lookup by `kid` that answers `undefined` when it knows none. The lookup sees the payload too, for messages
   * that name their signer in it: not verified at that point, and for nothing but to find the key.
   */
  readonly key:
    | VerifyKey
    | ((kid: Uint8Array | undefined, unverifiedPayload: Uint8Array) => VerifyKey | undefined);
  readonly externalAad?: Uint8Array;
}

/**
 * - `malformed`: not a deterministic (RFC 8949 §4.2.1), tagged COSE_Sign1 with payload inside;
 * - `unsupported-algorithm`: the protected algorithm is neither EdDSA nor ES256;
 * - `unknown-critical-header`: `crit` names a label this code does not understand;
 * - `unknown-key`: the lookup knows no such key;
 * - `wrong-algorithm`: the key is of the other algorithm than the header says;
 * - `bad-signature`: everything else fits, the signature does not.
 */
export type CoseRefusal =
  | "malformed"
  | "unsupported-algorithm"
  | "unknown-critical-header"
  | "unknown-key"
  | "wrong-algorithm"
  | "bad-signature";

/** Outcome of checking a COSE_Sign1. */
export type CoseVerification =
  | {
      readonly verified: true;
      readonly payload: Uint8Array;
      readonly alg: SignatureAlgorithm;
      readonly kid?: Uint8Array;
      readonly contentType?: number | string;
    }
  | { readonly verified: false; readonly reason: CoseRefusal };

/** The signature functions a module offers to {@link makeCose}. */
export interface SignatureFunctions {
  readonly sign: (key: SigningKey, message: Uint8Array) => Uint8Array;
  readonly verify: (key: VerifyKey, message: Uint8Array, signature: Uint8Array) => boolean;
}

/** COSE_Sign1 over the signature functions of one module. */
export interface Cose {
  /**
   * Signs a payload (RFC 9052 §4.4) with the deterministic encoding of RFC 8949 §4.2.1.
   *
   * @throws {CryptoError} `bad-length` or `bad-key` for an unfit key
   */
  readonly coseSign1: (input: CoseSign1Input) => Uint8Array;
  /** Checks a message; hostile bytes give a refusal, never an exception. */
  readonly coseVerify1: (input: CoseVerify1Input) => CoseVerification;
}

type HeaderMap = ReadonlyMap<unknown, unknown>;

interface Sign1 {
  readonly protectedBytes: Uint8Array;
  readonly protectedHeader: HeaderMap;
  readonly unprotectedHeader: HeaderMap;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * The first half of `coseSign1`, for a key that somebody else holds: sign `toBeSigned`, then `finish` with the signature.
 * `finish` throws `CryptoError` `bad-length` for a signature of another length than 64 bytes; it does not check it.
 */
export function prepareCoseSign1({ payload, alg, kid, externalAad, contentType }: CoseSign1Preparation): {
  readonly toBeSigned: Uint8Array;
  readonly finish: (signature: Uint8Array) => Uint8Array;
} {
  const header = new Map<number, number | string>([[HEADER_ALG, identifierOf[alg]]]);
  if (contentType !== undefined) header.set(HEADER_CONTENT_TYPE, contentType);
  const protectedBytes = encodeDeterministic(header);
  const unprotected = new Map<number, Uint8Array>(kid === undefined ? [] : [[HEADER_KID, kid]]);
  return {
    toBeSigned: sigStructure(protectedBytes, externalAad, payload),
    finish(signature) {
      requireLength("a signature", signature, SIGNATURE_BYTES);
      return encodeDeterministic(
        new Tagged(COSE_SIGN1_TAG, [protectedBytes, unprotected, payload, signature]),
      );
    },
  };
}

export function makeCose(signatures: SignatureFunctions): Cose {
  return {
    coseSign1({ key, ...input }) {
      const { toBeSigned, finish } = prepareCoseSign1({ ...input, alg: key.alg });
      return finish(signatures.sign(key, toBeSigned));
    },

    coseVerify1({ message, key, externalAad }) {
      const sign1 = parseSign1(message);
      if (sign1 === undefined) return refused("malformed");
      const { protectedHeader, unprotectedHeader } = sign1;

      const critical = protectedHeader.get(HEADER_CRIT);
      if (critical !== undefined) {
        if (!isCriticalList(critical, protectedHeader)) return refused("malformed");
        if (!critical.every((label) => understood.has(label))) return refused("unknown-critical-header");
      }
      const alg = algorithmOf(protectedHeader.get(HEADER_ALG));
      if (alg === undefined) return refused("unsupported-algorithm");
      const kid = protectedHeader.get(HEADER_KID) ?? unprotectedHeader.get(HEADER_KID);
      if (kid !== undefined && !(kid instanceof Uint8Array)) return refused("malformed");
      const contentType = protectedHeader.get(HEADER_CONTENT_TYPE);
      if (contentType !== undefined && !isContentType(contentType)) return refused("malformed");

      const verifyKey = typeof key === "function" ? key(kid, sign1.payload) : key;
      if (verifyKey === undefined) return refused("unknown-key");
      if (verifyKey.alg !== alg) return refused("wrong-algorithm");
      const toBeSigned = sigStructure(sign1.protectedBytes, externalAad, sign1.payload);
      if (!signatures.verify(verifyKey, toBeSigned, sign1.signature)) return refused("bad-signature");
      return {
        verified: true,
        payload: sign1.payload,
        alg,
        ...(kid === undefined ? {} : { kid }),
        ...(contentType === undefined ? {} : { contentType }),
      };
    },
  };
}

function refused(reason: CoseRefusal): CoseVerification {
  return { verified: false, reason };
}

/** RFC 9052 §4.4. */
function sigStructure(
  protectedBytes: Uint8Array,
  externalAad: Uint8Array | undefined,
  payload: Uint8Array,
): Uint8Array {
  return encodeDeterministic(["Signature1", protectedBytes, externalAad ?? new Uint8Array(), payload]);
}

function algorithmOf(identifier: unknown): SignatureAlgorithm | undefined {
  if (identifier === identifierOf.EdDSA) return "EdDSA";
  if (identifier === identifierOf.ES256) return "ES256";
  return undefined;
}

function isContentType(value: unknown): value is number | string {
  return typeof value === "string" || (typeof value === "number" && value >= 0 && value <= 0xffff);
}

/** RFC 9052 §3.1: a non-empty array of labels, each of them present in the protected header. */
function isCriticalList(value: unknown, protectedHeader: HeaderMap): value is readonly unknown[] {
  return Array.isArray(value) && value.length > 0 && value.every((label) => protectedHeader.has(label));
}

function parseSign1(message: Uint8Array): Sign1 | undefined {
  if (message.length > COSE_MAX_BYTES) return undefined;
  const array = decodeDeterministic(message, COSE_SIGN1_TAG);
  if (!Array.isArray(array) || array.length !== 4) return undefined;
  const [protectedBytes, unprotectedHeader, payload, signature]: readonly unknown[] = array;
  if (!(protectedBytes instanceof Uint8Array) || !isHeaderMap(unprotectedHeader)) return undefined;
  if (!(payload instanceof Uint8Array) || !(signature instanceof Uint8Array)) return undefined;
  if (signature.length !== SIGNATURE_BYTES) return undefined;
  const protectedHeader = decodeDeterministic(protectedBytes);
  if (!isHeaderMap(protectedHeader)) return undefined;
  // RFC 9052 §3: a label stands once over both headers; and the two labels a signature must cover
  // may not hide outside it.
  for (const label of unprotectedHeader.keys()) if (protectedHeader.has(label)) return undefined;
  if (unprotectedHeader.has(HEADER_ALG) || unprotectedHeader.has(HEADER_CRIT)) return undefined;
  return { protectedBytes, protectedHeader, unprotectedHeader, payload, signature };
}

/** RFC 9052 §1.5: labels are integers or text. */
function isHeaderMap(value: unknown): value is HeaderMap {
  if (!(value instanceof Map)) return false;
  for (const label of value.keys()) {
    if (typeof label !== "number" && typeof label !== "string") return false;
  }
  return true;
}

function encodeDeterministic(value: unknown): Uint8Array {
  return encode(value, rfc8949EncodeOptions);
}

/** `undefined` unless `bytes` are exactly what {@link encodeDeterministic} writes for the value they hold. */
function decodeDeterministic(bytes: Uint8Array, outerTag?: number): unknown {
  try {
    const value: unknown = decode(bytes, {
      strict: true,
      allowIndefinite: false,
      allowUndefined: false,
      useMaps: true,
      rejectDuplicateMapKeys: true,
      tags: outerTag === undefined ? {} : Tagged.preserve(outerTag),
    });
    if (!equalBytes(encodeDeterministic(value), bytes)) return undefined;
    if (outerTag === undefined) return value;
    return value instanceof Tagged ? value.value : undefined;
  } catch {
    // cborg throws plain errors for every kind of malformed input, and overflows the stack on deep nesting.
    return undefined;
  }
}
