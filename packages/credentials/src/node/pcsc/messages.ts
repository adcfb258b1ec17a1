import { CredentialError } from "../../credential-error.ts";

// The socket protocol between libpcsclite and pcscd (winscard_msg.h of pcsc-lite 1.9 to 2.4): a header of two u32,
// size and command, then a C structure; answers are the same structure without header. Numbers are in the byte order
// of the host, which is little-endian on every machine this runs on. Versions 4.4 and 4.5 do not differ in what is
// used here; a server at 4.6 keeps serving clients that announce 4.4.

/** Where pcscd listens unless it was built otherwise. */
export const PCSC_SOCKET_PATH = "/run/pcscd/pcscd.comm";

/** Version of the protocol that is announced first. */
export const PROTOCOL_MAJOR = 4;
export const PROTOCOL_MINOR = 4;

/** Minor versions that a server may answer with and that the announced one can be changed to. */
export const PROTOCOL_MINORS: readonly number[] = [4, 5];

/** Commands used. */
export const PcscCommand = {
  establishContext: 0x01,
  releaseContext: 0x02,
  connect: 0x04,
  disconnect: 0x06,
  transmit: 0x09,
  version: 0x11,
  getReadersState: 0x12,
  waitReaderStateChange: 0x13,
} as const;

/** SCARD_SCOPE_SYSTEM, SCARD_SHARE_EXCLUSIVE, SCARD_PROTOCOL_T0 | T1, SCARD_LEAVE_CARD, SCARD_UNPOWER_CARD. */
const SCOPE_SYSTEM = 2;
const SHARE_EXCLUSIVE = 1;
const PROTOCOL_ANY = 3;
const LEAVE_CARD = 0;
const UNPOWER_CARD = 2;

/** sizeof(SCARD_IO_REQUEST) on 64-bit hosts. */
const PCI_BYTES = 16;

const READER_NAME_BYTES = 128;
const MAX_ATR_BYTES = 33;
const MAX_READERS = 16;
const READER_STATE_BYTES = 184;

/** Bits of a reader's state. */
const STATE_PRESENT = 0x04;

/** Longest response that is asked for: an extended APDU's. */
export const MAX_RESPONSE_BYTES = 65_538;

/** Lengths of the answers, by what asked. */
export const ANSWER_BYTES = {
  version: 12,
  context: 12,
  release: 8,
  connect: 152,
  disconnect: 12,
  transmit: 32,
  readersState: MAX_READERS * READER_STATE_BYTES,
  stateChange: 8,
} as const;

/** One reader as pcscd reports it. */
export interface PcscReaderState {
  readonly name: string;
  readonly cardPresent: boolean;
  /** Counts insertions and removals: tells one card from the next of the same ATR. */
  readonly eventCounter: number;
  /** Of the card that is present and powered. */
  readonly atr?: Uint8Array;
}

/** A message with its header. */
export function encodeRequest(command: number, body: Uint8Array): Uint8Array {
  const message = new Uint8Array(8 + body.length);
  const view = new DataView(message.buffer);
  view.setUint32(0, body.length, true);
  view.setUint32(4, command, true);
  message.set(body, 8);
  return message;
}

/** struct version_struct: major, minor, rv. */
export function versionBody(minor: number): Uint8Array {
  return words(PROTOCOL_MAJOR, minor, 0);
}

/** struct establish_struct: scope, context, rv. */
export function establishContextBody(): Uint8Array {
  return words(SCOPE_SYSTEM, 0, 0);
}

/** struct release_struct: context, rv. */
export function releaseContextBody(context: number): Uint8Array {
  return words(context, 0);
}

/**
 * struct connect_struct: context, reader name, share mode, protocols, card, active protocol, rv. Exclusive, so that no
 * other program talks to the card between authentication and reading.
 *
 * @throws {CredentialError} `bad-argument` for a name of more than 127 bytes
 */
export function connectBody(context: number, readerName: string): Uint8Array {
  const name = new TextEncoder().encode(readerName);
  if (name.length >= READER_NAME_BYTES) {
    throw new CredentialError(
      "bad-argument",
      `expected a reader name of at most ${READER_NAME_BYTES - 1} bytes`,
    );
  }
  const body = new Uint8Array(ANSWER_BYTES.connect);
  body.set(words(context));
  body.set(name, 4);
  body.set(words(SHARE_EXCLUSIVE, PROTOCOL_ANY, 0, 0, 0), 4 + READER_NAME_BYTES);
  return body;
}

/**
 * struct disconnect_struct: card, disposition, rv. Takes the card's power, which ends a session it may still hold. A card
 * that is gone is left: powering it down would fail, and pcscd 1.9 then marks the reader empty behind the back of its
 * own watching thread, which overlooks the next card if it comes within the polling time.
 */
export function disconnectBody(card: number, cardIsGone: boolean): Uint8Array {
  return words(card, cardIsGone ? LEAVE_CARD : UNPOWER_CARD, 0);
}

/** struct transmit_struct, followed by the command. */
export function transmitBody(card: number, protocol: number, commandBytes: number): Uint8Array {
  return words(card, protocol, PCI_BYTES, commandBytes, PROTOCOL_ANY, PCI_BYTES, MAX_RESPONSE_BYTES, 0);
}

/** The 32-bit word at an index of an answer. */
export function wordAt(answer: Uint8Array, index: number): number {
  return new DataView(answer.buffer, answer.byteOffset, answer.length).getUint32(index * 4, true);
}

/** Card handle, active protocol and result of an answer to connect. */
export function parseConnectAnswer(answer: Uint8Array) {
  const tail = (4 + READER_NAME_BYTES) / 4;
  return {
    card: wordAt(answer, tail + 2),
    protocol: wordAt(answer, tail + 3),
    result: wordAt(answer, tail + 4),
  };
}

/** Result and length of the response of an answer to transmit. */
export function parseTransmitAnswer(answer: Uint8Array) {
  return { responseBytes: wordAt(answer, 6), result: wordAt(answer, 7) };
}

/**
 * The readers in an answer to get-readers-state; empty places are left out.
 *
 * @throws {CredentialError} `pcsc-protocol` for another length, or a name without end
 */
export function parseReadersState(answer: Uint8Array): readonly PcscReaderState[] {
  if (answer.length !== ANSWER_BYTES.readersState) {
    throw new CredentialError(
      "pcsc-protocol",
      `expected ${ANSWER_BYTES.readersState} bytes of reader states`,
    );
  }
  const readers: PcscReaderState[] = [];
  for (let offset = 0; offset < answer.length; offset += READER_STATE_BYTES) {
    const reader = parseReaderState(answer.subarray(offset, offset + READER_STATE_BYTES));
    if (reader !== undefined) readers.push(reader);
  }
  return readers;
}

/** struct pubReaderStatesList: name, event counter, state, sharing, ATR (33 and padding), ATR length, protocol. */
function parseReaderState(bytes: Uint8Array): PcscReaderState | undefined {
  const end = bytes.indexOf(0);
  if (end < 0 || end >= READER_NAME_BYTES) {
    throw new CredentialError("pcsc-protocol", "expected a reader name with an end");
  }
  if (end === 0) return undefined;
  const name = new TextDecoder().decode(bytes.subarray(0, end));
  const afterName = READER_NAME_BYTES / 4;
  const atrOffset = READER_NAME_BYTES + 12;
  const atrBytes = wordAt(bytes, 44);
  const cardPresent = (wordAt(bytes, afterName + 1) & STATE_PRESENT) !== 0;
  const hasAtr = cardPresent && atrBytes > 0 && atrBytes <= MAX_ATR_BYTES;
  return {
    name,
    cardPresent,
    eventCounter: wordAt(bytes, afterName),
    ...(hasAtr ? { atr: bytes.slice(atrOffset, atrOffset + atrBytes) } : {}),
  };
}

function words(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => {
    view.setUint32(index * 4, value, true);
  });
  return bytes;
}
