import { concatBytes } from "@menshen/crypto";
import { CredentialError } from "../credential-error.ts";
import { encodeTlv, optionalValue, readTlvMap, requiredValue } from "../tlv/ber-tlv.ts";
import { POINT_BYTES } from "./aliro-primitives.ts";
import { u16, u16Bytes } from "./select-message.ts";

/** The command AUTH0. */
export interface Auth0Command {
  /** Asks for a cryptogram: the expedited-fast way. */
  readonly fast: boolean;
  /** Tag 42: 1 user need not authenticate to the device, 2 and 3 it shall (values of the official tool). */
  readonly policy: number;
  readonly version: number;
  /** 65 bytes. */
  readonly readerEphemeral: Uint8Array;
  /** 16 bytes. */
  readonly transactionId: Uint8Array;
  /** Group identifier and sub-identifier, 32 bytes. */
  readonly readerIdentifier: Uint8Array;
  /** The whole B1 element; not sent by Menshen's readers, whether it counts in keys as a whole is uncertain. */
  readonly vendor?: Uint8Array;
}

/** The answer to AUTH0. */
export interface Auth0Answer {
  /** 65 bytes. */
  readonly deviceEphemeral: Uint8Array;
  /** 64 bytes, to a fast AUTH0 only; it looks the same whether or not the device knows the reader. */
  readonly cryptogram?: Uint8Array;
  /** The whole B2 element. */
  readonly vendor?: Uint8Array;
}

export const READER_IDENTIFIER_BYTES = 32;
export const GROUP_IDENTIFIER_BYTES = 16;
export const TRANSACTION_ID_BYTES = 16;
export const CRYPTOGRAM_BYTES = 64;

export function encodeAuth0(command: Auth0Command): Uint8Array {
  return concatBytes(
    encodeTlv(0x41, Uint8Array.of(command.fast ? 1 : 0)),
    encodeTlv(0x42, Uint8Array.of(command.policy)),
    encodeTlv(0x5c, u16Bytes(command.version)),
    encodeTlv(0x87, command.readerEphemeral),
    encodeTlv(0x4c, command.transactionId),
    encodeTlv(0x4d, command.readerIdentifier),
    command.vendor ?? new Uint8Array(),
  );
}

/**
 * Reads the data of AUTH0. Elements nobody knows are passed over.
 *
 * @throws {CredentialError} `malformed`
 */
export function parseAuth0(data: Uint8Array): Auth0Command {
  const map = readTlvMap(data);
  const [flags = 0] = requiredValue(map, 0x41, 1);
  const [policy = 0] = requiredValue(map, 0x42, 1);
  if (policy < 1 || policy > 3) throw malformed("expected an authentication policy of 1 to 3");
  const vendor = map.get(0xb1)?.encoded;
  return {
    fast: (flags & 1) === 1,
    policy,
    version: u16(requiredValue(map, 0x5c, 2)),
    readerEphemeral: pointOf(requiredValue(map, 0x87, POINT_BYTES)),
    transactionId: requiredValue(map, 0x4c, TRANSACTION_ID_BYTES),
    readerIdentifier: requiredValue(map, 0x4d, READER_IDENTIFIER_BYTES),
    ...(vendor === undefined ? {} : { vendor }),
  };
}

/** The values of tags 41 and 42 as they enter every salt. */
export function auth0Flags(command: Pick<Auth0Command, "fast" | "policy">): Uint8Array {
  return Uint8Array.of(command.fast ? 1 : 0, command.policy);
}

export function encodeAuth0Answer(answer: Auth0Answer): Uint8Array {
  return concatBytes(
    encodeTlv(0x86, answer.deviceEphemeral),
    answer.cryptogram === undefined ? new Uint8Array() : encodeTlv(0x9d, answer.cryptogram),
    answer.vendor ?? new Uint8Array(),
  );
}

/**
 * Reads the answer to AUTH0.
 *
 * @param fast what AUTH0 asked for: a cryptogram has to be there then, and must not be there otherwise
 * @throws {CredentialError} `malformed`
 */
export function parseAuth0Answer(data: Uint8Array, fast: boolean): Auth0Answer {
  const map = readTlvMap(data);
  const cryptogram = optionalValue(map, 0x9d, CRYPTOGRAM_BYTES);
  if ((cryptogram !== undefined) !== fast) {
    throw malformed("expected a cryptogram if and only if one was asked for");
  }
  const vendor = map.get(0xb2)?.encoded;
  return {
    deviceEphemeral: pointOf(requiredValue(map, 0x86, POINT_BYTES)),
    ...(cryptogram === undefined ? {} : { cryptogram }),
    ...(vendor === undefined ? {} : { vendor }),
  };
}

function pointOf(bytes: Uint8Array): Uint8Array {
  if (bytes[0] !== 4) throw malformed("expected an uncompressed point");
  return bytes;
}

function malformed(message: string): CredentialError {
  return new CredentialError("malformed", message);
}
