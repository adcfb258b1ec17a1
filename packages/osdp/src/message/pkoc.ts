import { OsdpError } from "../osdp-error.ts";
import { type ByteReader, byteString, makeByteReader, u16le } from "./byte-reader.ts";
import { makeAssembler } from "./multipart.ts";

/**
 * PKOC over OSDP: what PSIA's readers and panels say to each other inside osdp_MFG (80) and osdp_MFGREP (90). The reader
 * runs the NFC dialogue with the card; the panel draws the transaction identifier and verifies what the card signed.
 *
 * Layouts as in Z-bit-Systems-LLC/PKOC.Net `MessageData/` and smithee-solutions/openpkoc `spec-src/pkoc-osdp-acu.md`. The
 * objects are tag, length, value, but for two that have no length: FB, an error of one byte (and with 01 the card's two
 * status bytes), and FD, a sequence number of one byte.
 */
export type PkocMessage =
  /** E0, reader to panel: a card with the PKOC application is there. */
  | {
      readonly kind: "card-present";
      /** 2 bytes each, as the card said them. */
      readonly versions: Uint8Array;
      readonly transactionId?: Uint8Array;
      readonly sequence?: number;
      readonly error?: PkocReaderError;
    }
  /** E1, panel to reader: AUTHENTICATE with these. */
  | {
      readonly kind: "auth-request";
      /** 2 bytes. */
      readonly version: Uint8Array;
      /** 32 bytes. */
      readonly readerIdentifier: Uint8Array;
      /** 16 to 65 bytes; for cards of version 1.0 exactly 16. */
      readonly transactionId: Uint8Array;
      readonly sequence?: number;
    }
  /** E2, reader to panel, in parts: what the card answered. */
  | {
      readonly kind: "auth-response";
      /** 65 bytes. */
      readonly publicKey: Uint8Array;
      /** 64 bytes. */
      readonly signature: Uint8Array;
      readonly transactionId?: Uint8Array;
      readonly sequence?: number;
      readonly error?: PkocReaderError;
    }
  /** E3, panel to reader: use this for the next card, without asking. */
  | { readonly kind: "next-transaction"; readonly transactionId: Uint8Array; readonly sequence?: number }
  /** E4, reader to panel: the identifier for the next card is used up. */
  | { readonly kind: "transaction-refresh" }
  /** FE, reader to panel. */
  | { readonly kind: "reader-error"; readonly error: PkocReaderError };

/** What went wrong at the reader. */
export interface PkocReaderError {
  readonly code: number;
  /** With code 1: the card's status word. */
  readonly status?: number;
}

/** PSIA's identifier in osdp_MFG and osdp_MFGREP. */
export const PKOC_VENDOR = 0x1a_90_21;

/** Codes of {@link PkocReaderError} that are known. */
export const PkocErrorCode = { cardStatus: 1, cardTimeout: 2, missingObject: 4, invalidData: 7 } as const;

const Code = {
  cardPresent: 0xe0,
  authRequest: 0xe1,
  authResponse: 0xe2,
  nextTransaction: 0xe3,
  transactionRefresh: 0xe4,
  readerError: 0xfe,
} as const;

const Tag = {
  transactionId: 0x4c,
  readerIdentifier: 0x4d,
  publicKey: 0x5a,
  version: 0x5c,
  signature: 0x9e,
  error: 0xfb,
  cardPresent: 0xfc,
  sequence: 0xfd,
} as const;

/** Parameters P1 and P2 of AUTHENTICATE (80 80 00 01), which the request repeats. */
const AUTHENTICATE_PARAMETERS = Uint8Array.of(0x00, 0x01);
const PART_HEADER_BYTES = 7;

/**
 * Data of one message behind the vendor's identifier. An `auth-response` comes out whole; a reader sends it in
 * {@link pkocParts}.
 *
 * @throws {OsdpError} `invalid-argument` for fields of other lengths
 */
export function encodePkocMessage(message: PkocMessage): Uint8Array {
  requireLengths(message);
  const write = (...parts: Parameters<typeof byteString> extends [string, ...infer Rest] ? Rest : never) =>
    byteString("PKOC", ...parts);
  switch (message.kind) {
    case "card-present": {
      const inner = write(
        object(Tag.version, message.versions),
        errorObject(message.error),
        optionalObject(Tag.transactionId, message.transactionId),
        sequenceObject(message.sequence),
      );
      return write(Code.cardPresent, object(Tag.cardPresent, inner));
    }
    case "auth-request":
      return write(
        Code.authRequest,
        AUTHENTICATE_PARAMETERS,
        object(Tag.version, message.version),
        object(Tag.readerIdentifier, message.readerIdentifier),
        object(Tag.transactionId, message.transactionId),
        sequenceObject(message.sequence),
      );
    case "auth-response":
      return write(
        Code.authResponse,
        object(Tag.publicKey, message.publicKey),
        object(Tag.signature, message.signature),
        optionalObject(Tag.transactionId, message.transactionId),
        sequenceObject(message.sequence),
        errorObject(message.error),
      );
    case "next-transaction":
      return write(
        Code.nextTransaction,
        object(Tag.transactionId, message.transactionId),
        sequenceObject(message.sequence),
      );
    case "transaction-refresh":
      return write(Code.transactionRefresh);
    case "reader-error":
      return write(Code.readerError, errorBytes(message.error));
  }
}

/**
 * Reads a whole message (parts are {@link makePkocAssembler}'s).
 *
 * @throws {OsdpError} `malformed-message` for an unknown code, objects that are missing, doubled, cut or of other lengths.
 *   Objects with other tags are skipped.
 */
export function decodePkocMessage(data: Uint8Array): PkocMessage {
  const reader = makeByteReader("PKOC", data);
  const code = reader.u8();
  switch (code) {
    case Code.cardPresent: {
      const inner = readObjects(reader.rest()).bytes.get(Tag.cardPresent);
      if (inner === undefined) throw malformed("a card-present object");
      const objects = readObjects(inner);
      const versions = requiredBytes(
        objects,
        Tag.version,
        (length) => length >= 2 && length <= 64 && length % 2 === 0,
      );
      return { kind: "card-present", versions, ...optionals(objects) };
    }
    case Code.authRequest: {
      if (reader.u8() !== 0x00 || reader.u8() !== 0x01) throw malformed("the parameters 00 01");
      const objects = readObjects(reader.rest());
      return {
        kind: "auth-request",
        version: requiredBytes(objects, Tag.version, (length) => length === 2),
        readerIdentifier: requiredBytes(objects, Tag.readerIdentifier, (length) => length === 32),
        transactionId: requiredBytes(objects, Tag.transactionId, isTransactionLength),
        ...(objects.sequence === undefined ? {} : { sequence: objects.sequence }),
      };
    }
    case Code.authResponse: {
      const objects = readObjects(reader.rest());
      return {
        kind: "auth-response",
        publicKey: requiredBytes(objects, Tag.publicKey, (length) => length === 65),
        signature: requiredBytes(objects, Tag.signature, (length) => length === 64),
        ...optionals(objects),
      };
    }
    case Code.nextTransaction: {
      const objects = readObjects(reader.rest());
      return {
        kind: "next-transaction",
        transactionId: requiredBytes(objects, Tag.transactionId, isTransactionLength),
        ...(objects.sequence === undefined ? {} : { sequence: objects.sequence }),
      };
    }
    case Code.transactionRefresh:
      reader.end();
      return { kind: "transaction-refresh" };
    case Code.readerError: {
      const error = readError(reader);
      reader.end();
      return { kind: "reader-error", error };
    }
    default:
      throw malformed("a known message");
  }
}

/**
 * An `auth-response` as osdp_MFGREP carries it: code, whole length, offset and length of the part (16 bits, little-endian
 * each), and the part.
 *
 * @param maxBytes longest data behind the vendor's identifier that the panel takes
 * @throws {OsdpError} `invalid-argument` when not even the header fits
 */
export function pkocParts(
  message: Extract<PkocMessage, { kind: "auth-response" }>,
  maxBytes: number,
): readonly Uint8Array[] {
  const whole = encodePkocMessage(message).subarray(1);
  const partBytes = maxBytes - PART_HEADER_BYTES;
  if (partBytes < 1) throw new OsdpError("invalid-argument", "PKOC: expected room for a part");
  const parts: Uint8Array[] = [];
  for (let offset = 0; offset < whole.length; offset += partBytes) {
    const part = whole.subarray(offset, offset + partBytes);
    const header = [u16le(whole.length), u16le(offset), u16le(part.length)];
    parts.push(byteString("PKOC", Code.authResponse, ...header, part));
  }
  return parts;
}

/** Puts an `auth-response` together and hands every other message through. */
export interface PkocAssembler {
  /**
   * @returns the message, or `undefined` while parts of it are missing
   * @throws {OsdpError} `malformed-message`; parts that came before are dropped
   */
  push(data: Uint8Array): PkocMessage | undefined;
}

export function makePkocAssembler(): PkocAssembler {
  const assembler = makeAssembler();
  return {
    push(data) {
      if (data[0] !== Code.authResponse) return decodePkocMessage(data);
      const whole = assembler.push(Code.authResponse, data.subarray(1));
      return whole === undefined
        ? undefined
        : decodePkocMessage(byteString("PKOC", Code.authResponse, whole));
    },
  };
}

interface PkocObjects {
  readonly bytes: ReadonlyMap<number, Uint8Array>;
  readonly error?: PkocReaderError;
  readonly sequence?: number;
}

function readObjects(data: Uint8Array): PkocObjects {
  const reader = makeByteReader("PKOC", data);
  const bytes = new Map<number, Uint8Array>();
  let error: PkocReaderError | undefined;
  let sequence: number | undefined;
  while (reader.left > 0) {
    const tag = reader.u8();
    if (
      tag === Tag.error ? error !== undefined : tag === Tag.sequence ? sequence !== undefined : bytes.has(tag)
    ) {
      throw malformed("each object once");
    }
    if (tag === Tag.error) error = readError(reader);
    else if (tag === Tag.sequence) sequence = reader.u8();
    else bytes.set(tag, reader.bytes(reader.u8()));
  }
  return {
    bytes,
    ...(error === undefined ? {} : { error }),
    ...(sequence === undefined ? {} : { sequence }),
  };
}

function optionals({ bytes, error, sequence }: PkocObjects) {
  const transactionId = bytes.get(Tag.transactionId);
  if (transactionId !== undefined && !isTransactionLength(transactionId.length)) {
    throw malformed("a transaction identifier of 16 to 65 bytes");
  }
  return {
    ...(transactionId === undefined ? {} : { transactionId }),
    ...(sequence === undefined ? {} : { sequence }),
    ...(error === undefined ? {} : { error }),
  };
}

function requiredBytes({ bytes }: PkocObjects, tag: number, fits: (length: number) => boolean): Uint8Array {
  const value = bytes.get(tag);
  if (value === undefined || !fits(value.length)) throw malformed(`object ${tag.toString(16)} of its length`);
  return value;
}

function readError(reader: ByteReader): PkocReaderError {
  const code = reader.u8();
  if (code !== PkocErrorCode.cardStatus) return { code };
  const [sw1, sw2] = [reader.u8(), reader.u8()];
  return { code, status: (sw1 << 8) | sw2 };
}

function isTransactionLength(length: number): boolean {
  return length >= 16 && length <= 65;
}

function object(tag: number, value: Uint8Array): Uint8Array {
  return byteString("PKOC", tag, value.length, value);
}

function optionalObject(tag: number, value: Uint8Array | undefined): Uint8Array {
  return value === undefined ? new Uint8Array() : object(tag, value);
}

function sequenceObject(sequence: number | undefined): Uint8Array {
  return sequence === undefined ? new Uint8Array() : byteString("PKOC", Tag.sequence, sequence);
}

function errorObject(error: PkocReaderError | undefined): Uint8Array {
  return error === undefined ? new Uint8Array() : byteString("PKOC", Tag.error, errorBytes(error));
}

function errorBytes({ code, status }: PkocReaderError): Uint8Array {
  if ((status !== undefined) !== (code === PkocErrorCode.cardStatus)) {
    throw new OsdpError("invalid-argument", "PKOC: expected a card's status with error 1, and with it alone");
  }
  return status === undefined
    ? byteString("PKOC", code)
    : byteString("PKOC", code, { value: status, widthBytes: 2, bigEndian: true });
}

function requireLengths(message: PkocMessage): void {
  const fits =
    message.kind === "card-present"
      ? message.versions.length >= 2 && message.versions.length % 2 === 0 && message.versions.length <= 64
      : message.kind === "auth-request"
        ? message.version.length === 2 && message.readerIdentifier.length === 32
        : message.kind !== "auth-response" ||
          (message.publicKey.length === 65 && message.signature.length === 64);
  const transactionId = "transactionId" in message ? message.transactionId : undefined;
  if (!fits || (transactionId !== undefined && !isTransactionLength(transactionId.length))) {
    throw new OsdpError("invalid-argument", "PKOC: expected fields of their lengths");
  }
}

function malformed(expected: string): OsdpError {
  return new OsdpError("malformed-message", `PKOC: expected ${expected}`);
}
