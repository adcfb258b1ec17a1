import { toHex } from "@menshen/crypto/node";
import { KeyServiceError } from "./errors.ts";

/** Which key is meant: a name, e.g. `card-master-desfire`, and a version that rises with each rotation. */
export interface KeyReference {
  /** 1 to 40 of `a-z`, `0-9`, `-`. */
  readonly name: string;
  /** 1 to 127: what a card tells for the keys made from it. */
  readonly version: number;
}

/**
 * What a key is for; never more than one thing.
 *
 * - `diversify`: AES-128 master that card keys are made from (AN10922);
 * - `mac`: AES-128, CMAC over messages;
 * - `sign`: P-256, ECDSA with SHA-256;
 * - `shared`: 16 bytes that others must hold too, gates or cards, so that it does come out: kept here, used elsewhere.
 */
export const KEY_USES = ["diversify", "mac", "sign", "shared"] as const;
export type KeyUse = (typeof KEY_USES)[number];

/** One of the shares that a key was split into (Shamir over GF(256)); `threshold` of them give it back. */
export interface KeyShare {
  readonly reference: KeyReference;
  readonly use: SymmetricUse;
  readonly threshold: number;
  readonly count: number;
  /** Of the key, so that wrong shares are noticed. */
  readonly checkValue: string;
  /** 17 bytes: the share and, last, its place on the curve. */
  readonly value: Uint8Array;
}

/** What may be shown of a key. */
export interface KeyDescription {
  readonly reference: KeyReference;
  readonly use: KeyUse;
  /** Six hexadecimal digits: tells keys apart at a ceremony, says nothing about their value. */
  readonly checkValue: string;
  /** `sign` only: uncompressed point, 65 bytes. */
  readonly publicKey?: Uint8Array;
}

/**
 * Keys by reference: whoever has the service may use them, and nobody gets a value out. One suite
 * (`key-service.conformance.test.ts`) runs on every back end.
 *
 * All functions throw {@link KeyServiceError}: `unknown-key`, `wrong-use`, `closed`, `bad-argument`, and for a token
 * `token-refused`.
 */
export interface KeyService {
  /** All keys, by name and version. */
  readonly list: () => Promise<readonly KeyDescription[]>;
  /** Draws a new key where it will stay. Throws `exists`. */
  readonly create: (reference: KeyReference, use: KeyUse) => Promise<KeyDescription>;
  /** Takes in a key that a ceremony made or restored; the caller wipes `value`, 16 bytes. Throws `exists`. */
  readonly take: (reference: KeyReference, use: SymmetricUse, value: Uint8Array) => Promise<KeyDescription>;
  /**
   * A card's key (AN10922 §2.2): CMAC over `01 || input`.
   *
   * @param input 16 to 31 bytes, as `diversificationInput` of the credentials package forms it
   * @returns 16 bytes, which belong to one card
   */
  readonly diversify: (reference: KeyReference, input: Uint8Array) => Promise<Uint8Array>;
  /** AES-CMAC (RFC 4493): 16 bytes. */
  readonly mac: (reference: KeyReference, message: Uint8Array) => Promise<Uint8Array>;
  /** ECDSA on P-256 with SHA-256: `r || s`, 64 bytes. */
  readonly sign: (reference: KeyReference, message: Uint8Array) => Promise<Uint8Array>;
  /** The value of a `shared` key, 16 bytes; the caller wipes it. */
  readonly reveal: (reference: KeyReference) => Promise<Uint8Array>;
  /**
   * Splits a key for safe-keeping in several hands, see `splitKey`.
   *
   * Throws `not-exportable` for a key in a token that is not `shared`; `wrong-use` for one that signs.
   */
  readonly export: (
    reference: KeyReference,
    into: { readonly threshold: number; readonly count: number },
  ) => Promise<readonly KeyShare[]>;
  /** What opens the same keys in another thread of this process; a secret. */
  readonly access: () => KeyAccess;
  /** Destroys a key for good. Cards that carry keys made from it can never be written again. */
  readonly destroy: (reference: KeyReference) => Promise<void>;
  /** Forgets what is in memory and ends the token's session. May be called more than once. */
  readonly close: () => Promise<void>;
}

/** What opens keys that are open already, without a passphrase being stretched again. */
export type KeyAccess =
  | { readonly backEnd: "file"; readonly file: string; readonly sealKey: Uint8Array }
  | { readonly backEnd: "pkcs11"; readonly library: string; readonly token: string; readonly pin: string };

/** Uses whose keys are 16 bytes that a ceremony can form. */
export type SymmetricUse = Exclude<KeyUse, "sign">;

/** AES-128. */
export const SYMMETRIC_KEY_BYTES = 16;

const MAX_MESSAGE_BYTES = 65_536;
const MAX_VERSION = 127;

/** @throws {KeyServiceError} `bad-argument` */
export function requireReference({ name, version }: KeyReference): void {
  if (!/^[a-z0-9-]{1,40}$/.test(name) || !Number.isInteger(version) || version < 1 || version > MAX_VERSION) {
    throw new KeyServiceError("bad-argument", "expected a name of a-z, 0-9 and -, and a version of 1 to 127");
  }
}

/**
 * What CMAC runs over for a card's key. Inputs below 16 bytes are refused: AN10922 pads them in a way of its own that a
 * token cannot do, and no layout here has them.
 *
 * @throws {KeyServiceError} `bad-argument`
 */
export function diversificationMessage(input: Uint8Array): Uint8Array {
  if (input.length < 16 || input.length > 31) {
    throw new KeyServiceError("bad-argument", `expected 16 to 31 input bytes, got ${input.length}`);
  }
  return Uint8Array.of(0x01, ...input);
}

/** @throws {KeyServiceError} `bad-argument` for more than 65,536 bytes */
export function requireMessage(message: Uint8Array): void {
  if (message.length > MAX_MESSAGE_BYTES) {
    throw new KeyServiceError(
      "bad-argument",
      `expected at most ${MAX_MESSAGE_BYTES} bytes, got ${message.length}`,
    );
  }
}

/** Message whose CMAC gives a symmetric key's check value (ANSI X9.24-1: CMAC of a zero block). */
export const CHECK_MESSAGE = new Uint8Array(16);

/** The check value: three bytes of a CMAC over {@link CHECK_MESSAGE}, or of a public key's SHA-256. */
export function checkValueOf(bytes: Uint8Array): string {
  return toHex(bytes.subarray(0, 3));
}

/** Name and version as one text. */
export function referenceText({ name, version }: KeyReference): string {
  return `${name}:${version}`;
}
