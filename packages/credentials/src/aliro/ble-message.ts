import { concatBytes } from "@menshen/crypto";
import { CredentialError } from "../credential-error.ts";
import type { AliroChannel } from "./secure-channel.ts";
import { u16, u16Bytes } from "./select-message.ts";

// The messages that Aliro sends over a Bluetooth LE channel, as bytes. There is no radio here, no L2CAP channel, no
// advertising and no ranging: a reader module that has them can hand its payloads to this code. The form was read in
// two implementations and not run against either.

/** First byte: what a message belongs to. */
export const BleProtocol = {
  accessProtocol: 0,
  uwbRanging: 1,
  notification: 2,
  supplementary: 3,
  thirdParty: 4,
} as const;

/** Second byte in the access protocol: an APDU or its answer. */
export const BleAccessMessage = { request: 0, response: 1 } as const;

/** Second byte in notifications. */
export const BleNotification = {
  event: 0,
  ranging: 1,
  readerStatusChanged: 2,
  accessProtocolCompleted: 3,
  remoteKeylessRequest: 4,
  initiateAccessProtocol: 5,
  initiateAccessProtocolRemote: 6,
} as const;

/** One message: protocol, identifier, length (2 bytes) and payload. */
export interface BleMessage {
  readonly protocol: number;
  readonly id: number;
  readonly payload: Uint8Array;
}

/** One attribute in the payload of a notification: identifier, length (1 byte) and value. */
export interface BleAttribute {
  readonly id: number;
  readonly value: Uint8Array;
}

const HEADER_BYTES = 4;
const TAG_BYTES = 16;
const MAX_ATTRIBUTES = 32;

/** @throws {CredentialError} `bad-argument` for a payload of more than 65,535 bytes */
export function encodeBleMessage({ protocol, id, payload }: BleMessage): Uint8Array {
  return concatBytes(headerOf(protocol, id, payload.length), payload);
}

/** @throws {CredentialError} `malformed` for an unknown protocol, or a length that is not the payload's */
export function parseBleMessage(bytes: Uint8Array): BleMessage {
  const [protocol, id] = bytes;
  const payload = bytes.slice(HEADER_BYTES);
  if (bytes.length < HEADER_BYTES || protocol === undefined || id === undefined) {
    throw malformed(`expected a message of at least ${HEADER_BYTES} bytes`);
  }
  if (protocol > BleProtocol.thirdParty) throw malformed("expected a known protocol");
  if (u16(bytes, 2) !== payload.length) throw malformed("expected as many bytes as the length says");
  return { protocol, id, payload };
}

/**
 * Enciphers a message; its header with the length of the clear payload is authenticated with it. Messages of the access
 * protocol travel as they are, since their contents bring their own protection.
 *
 * @param channel over the keys of `deriveBleKeys`
 * @throws {CredentialError} as `AliroChannel.seal`
 */
export function sealBleMessage(channel: AliroChannel, message: BleMessage): BleMessage {
  const { protocol, id, payload } = message;
  if (protocol === BleProtocol.accessProtocol) return message;
  return { protocol, id, payload: channel.seal(payload, headerOf(protocol, id, payload.length)) };
}

/**
 * The reverse of {@link sealBleMessage}.
 *
 * @throws {CredentialError} `malformed` for a payload shorter than a tag; as `AliroChannel.open`
 */
export function openBleMessage(channel: AliroChannel, message: BleMessage): BleMessage {
  const { protocol, id, payload } = message;
  if (protocol === BleProtocol.accessProtocol) return message;
  if (payload.length < TAG_BYTES) throw malformed("expected an enciphered payload");
  return { protocol, id, payload: channel.open(payload, headerOf(protocol, id, payload.length - TAG_BYTES)) };
}

/** @throws {CredentialError} `bad-argument` for a value of more than 255 bytes */
export function encodeBleAttributes(attributes: readonly BleAttribute[]): Uint8Array {
  return concatBytes(
    ...attributes.map(({ id, value }) => {
      if (value.length > 0xff) {
        throw new CredentialError("bad-argument", "expected a value of at most 255 bytes");
      }
      return concatBytes(Uint8Array.of(id, value.length), value);
    }),
  );
}

/** @throws {CredentialError} `malformed`, also for an identifier that stands twice */
export function parseBleAttributes(payload: Uint8Array): readonly BleAttribute[] {
  const attributes: BleAttribute[] = [];
  let offset = 0;
  while (offset < payload.length) {
    const [id, lengthBytes] = [payload[offset], payload[offset + 1]];
    const end = offset + 2 + (lengthBytes ?? 0);
    if (id === undefined || lengthBytes === undefined || end > payload.length) {
      throw malformed("expected as many bytes as the length says");
    }
    if (attributes.length === MAX_ATTRIBUTES || attributes.some((one) => one.id === id)) {
      throw malformed("expected each attribute once");
    }
    attributes.push({ id, value: payload.slice(offset + 2, end) });
    offset = end;
  }
  return attributes;
}

function headerOf(protocol: number, id: number, payloadBytes: number): Uint8Array {
  if (payloadBytes > 0xffff) {
    throw new CredentialError("bad-argument", "expected a payload of at most 65535 bytes");
  }
  return concatBytes(Uint8Array.of(protocol, id), u16Bytes(payloadBytes));
}

function malformed(message: string): CredentialError {
  return new CredentialError("malformed", message);
}
