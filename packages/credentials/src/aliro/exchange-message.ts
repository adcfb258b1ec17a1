import { concatBytes } from "@menshen/crypto";
import { CredentialError } from "../credential-error.ts";
import { encodeTlv, optionalValue, readTlvMap, readTlvs } from "../tlv/ber-tlv.ts";
import { u16, u16Bytes } from "./select-message.ts";

/** One thing to do with a mailbox. Offsets and lengths in bytes, up to 65,535. */
export type MailboxRequest =
  | { readonly kind: "read"; readonly offset: number; readonly lengthBytes: number }
  | { readonly kind: "write"; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly kind: "set"; readonly offset: number; readonly lengthBytes: number; readonly value: number };

/** The mailbox container (BA) of one EXCHANGE. */
export interface MailboxRequests {
  /** `begin` holds writes back until an EXCHANGE with `commit`; without either, one EXCHANGE is one change. */
  readonly atomic?: "begin" | "commit";
  readonly requests: readonly MailboxRequest[];
}

/** What the reader says in one EXCHANGE. */
export interface ExchangeCommand {
  readonly mailbox?: MailboxRequests;
  /** The last word (97), a `ReaderStatus`; NFC only. */
  readonly readerStatus?: number;
  /** Content of a notification (AE). */
  readonly notify?: Uint8Array;
}

/** What the device answers in one EXCHANGE. */
export interface ExchangeAnswer {
  /** One for each read, in order. */
  readonly reads: readonly Uint8Array[];
  /** 0 if everything was done. With any other nothing was, and the device has forgotten the session. */
  readonly status: number;
}

/** Status of an EXCHANGE that the device could read but not carry out, and one out of form. */
export const ExchangeStatus = { done: 0x0000, failed: 0x0100, badFormat: 0x0106 } as const;

const MAX_REQUESTS = 32;
const MAX_READS = 64;

/** @throws {CredentialError} `bad-argument` for numbers outside 16 bits, or more than 32 requests */
export function encodeExchange(command: ExchangeCommand): Uint8Array {
  const { mailbox, readerStatus, notify } = command;
  return concatBytes(
    mailbox === undefined ? new Uint8Array() : encodeMailboxRequests(mailbox),
    notify === undefined ? new Uint8Array() : encodeTlv(0xae, notify),
    readerStatus === undefined ? new Uint8Array() : encodeTlv(0x97, u16Bytes(requireU16(readerStatus))),
  );
}

/**
 * Reads a deciphered EXCHANGE.
 *
 * @throws {CredentialError} `malformed`, also for an element that this device cannot obey (98: a ranging key, 81: a
 *   new document), since passing over it would look like obedience
 */
export function parseExchange(plaintext: Uint8Array): ExchangeCommand {
  const map = readTlvMap(plaintext);
  for (const tag of map.keys()) {
    if (tag !== 0xba && tag !== 0x97 && tag !== 0xae)
      throw malformed("expected requests this device can carry out");
  }
  if (map.size === 0) throw malformed("expected at least one request");
  const mailbox = optionalValue(map, 0xba);
  const status = optionalValue(map, 0x97, 2);
  const notify = optionalValue(map, 0xae);
  return {
    ...(mailbox === undefined ? {} : { mailbox: parseMailboxRequests(mailbox) }),
    ...(status === undefined ? {} : { readerStatus: u16(status) }),
    ...(notify === undefined ? {} : { notify }),
  };
}

export function encodeExchangeAnswer(answer: ExchangeAnswer): Uint8Array {
  return concatBytes(
    ...[...answer.reads, u16Bytes(answer.status)].flatMap((record) => [u16Bytes(record.length), record]),
  );
}

/** @throws {CredentialError} `malformed` */
export function parseExchangeAnswer(plaintext: Uint8Array): ExchangeAnswer {
  const records: Uint8Array[] = [];
  let offset = 0;
  while (offset < plaintext.length) {
    const end = offset + 2 + u16(plaintext, offset);
    if (offset + 2 > plaintext.length || end > plaintext.length || records.length > MAX_READS) {
      throw malformed("expected records with their lengths");
    }
    records.push(plaintext.slice(offset + 2, end));
    offset = end;
  }
  const status = records.pop();
  if (status?.length !== 2) throw malformed("expected a status of two bytes at the end");
  return { reads: records, status: u16(status) };
}

function encodeMailboxRequests({ atomic, requests }: MailboxRequests): Uint8Array {
  if (requests.length > MAX_REQUESTS) {
    throw new CredentialError("bad-argument", `expected at most ${MAX_REQUESTS} requests`);
  }
  return encodeTlv(
    0xba,
    atomic === undefined ? new Uint8Array() : encodeTlv(0x8c, Uint8Array.of(atomic === "begin" ? 1 : 0)),
    ...requests.map(encodeMailboxRequest),
  );
}

function encodeMailboxRequest(request: MailboxRequest): Uint8Array {
  const offset = u16Bytes(requireU16(request.offset));
  if (request.kind === "write") return encodeTlv(0x8a, offset, request.bytes);
  const length = u16Bytes(requireU16(request.lengthBytes));
  if (request.kind === "read") return encodeTlv(0x87, offset, length);
  return encodeTlv(0x95, offset, length, Uint8Array.of(request.value & 0xff));
}

function parseMailboxRequests(bytes: Uint8Array): MailboxRequests {
  let atomic: "begin" | "commit" | undefined;
  const requests: MailboxRequest[] = [];
  for (const { tag, value } of readTlvs(bytes)) {
    const offset = u16(value);
    if (tag === 0x8c && value.length === 1 && atomic === undefined) {
      atomic = ((value[0] ?? 0) & 1) === 1 ? "begin" : "commit";
    } else if (tag === 0x87 && value.length === 4) {
      requests.push({ kind: "read", offset, lengthBytes: u16(value, 2) });
    } else if (tag === 0x8a && value.length >= 3) {
      requests.push({ kind: "write", offset, bytes: value.slice(2) });
    } else if (tag === 0x95 && value.length === 5) {
      requests.push({ kind: "set", offset, lengthBytes: u16(value, 2), value: value[4] ?? 0 });
    } else {
      throw malformed("expected mailbox requests of the known form");
    }
    if (requests.length > MAX_REQUESTS) throw malformed(`expected at most ${MAX_REQUESTS} requests`);
  }
  return { ...(atomic === undefined ? {} : { atomic }), requests };
}

function requireU16(value: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= 0xffff) return value;
  throw new CredentialError("bad-argument", "expected a number of 0 to 65535");
}

function malformed(message: string): CredentialError {
  return new CredentialError("malformed", message);
}
