import { CredentialError } from "../credential-error.ts";
import { encodeTlv, optionalValue, readTlvMap, readTlvs, requiredValue } from "../tlv/ber-tlv.ts";

/** The answer to SELECT. */
export interface SelectAnswer {
  readonly aid: Uint8Array;
  /** The whole A5 element as it stood: part of every salt. */
  readonly proprietary: Uint8Array;
  /** Protocol versions the device speaks, the one it likes best first. */
  readonly versions: readonly number[];
  /** Longest command and response APDU the device takes, in bytes, where it told. */
  readonly maxCommandBytes?: number;
  readonly maxResponseBytes?: number;
}

/** Longest answer that is looked at, in bytes; the ones known have 36 to 54. */
const MAX_ANSWER_BYTES = 255;

/**
 * Reads the answer to SELECT: 6F{84, A5{80, 5C, [7F66], [B3]}}, and behind it whatever newer devices append.
 *
 * @throws {CredentialError} `malformed`
 */
export function parseSelectAnswer(bytes: Uint8Array): SelectAnswer {
  if (bytes.length > MAX_ANSWER_BYTES) {
    throw malformed(`expected an answer of at most ${MAX_ANSWER_BYTES} bytes`);
  }
  const fci = readTlvMap(requiredValue(readTlvMap(bytes), 0x6f));
  const a5 = fci.get(0xa5);
  if (a5 === undefined) throw malformed("expected proprietary information");
  const inner = readTlvMap(a5.value);
  const type = requiredValue(inner, 0x80, 2);
  if (type[0] !== 0 || type[1] !== 0) throw malformed("expected the application type 0000");
  const versionBytes = requiredValue(inner, 0x5c);
  if (versionBytes.length === 0 || versionBytes.length % 2 !== 0 || versionBytes.length > 32) {
    throw malformed("expected 1 to 16 versions of two bytes");
  }
  const versions: number[] = [];
  for (let i = 0; i < versionBytes.length; i += 2) versions.push(u16(versionBytes, i));
  const answer = { aid: requiredValue(fci, 0x84), proprietary: a5.encoded, versions };
  const limits = optionalValue(inner, 0x7f66);
  if (limits === undefined) return answer;
  const [command, response, ...others] = readTlvs(limits);
  if (others.length > 0 || command?.tag !== 0x02 || response?.tag !== 0x02) {
    throw malformed("expected the longest command and the longest response");
  }
  return {
    ...answer,
    maxCommandBytes: unsigned(command.value),
    maxResponseBytes: unsigned(response.value),
  };
}

/** How a device answers SELECT. */
export interface SelectAnswerParts {
  readonly aid: Uint8Array;
  readonly versions: readonly number[];
  readonly maxCommandBytes?: number;
  readonly maxResponseBytes?: number;
  /** Whole elements to append behind 6F, such as a device descriptor (B7). */
  readonly appended?: Uint8Array;
}

/** Writes the answer to SELECT. */
export function encodeSelectAnswer(parts: SelectAnswerParts): Uint8Array {
  const { maxCommandBytes, maxResponseBytes, appended } = parts;
  const limits =
    maxCommandBytes === undefined || maxResponseBytes === undefined
      ? new Uint8Array()
      : encodeTlv(
          0x7f66,
          encodeTlv(0x02, u16Bytes(maxCommandBytes)),
          encodeTlv(0x02, u16Bytes(maxResponseBytes)),
        );
  const a5 = encodeTlv(
    0xa5,
    encodeTlv(0x80, Uint8Array.of(0, 0)),
    encodeTlv(0x5c, ...parts.versions.map(u16Bytes)),
    limits,
  );
  return Uint8Array.from([...encodeTlv(0x6f, encodeTlv(0x84, parts.aid), a5), ...(appended ?? [])]);
}

/** Two bytes, most significant first. */
export function u16Bytes(value: number): Uint8Array {
  return Uint8Array.of((value >> 8) & 0xff, value & 0xff);
}

/** Two bytes as a number; missing ones count as 0. */
export function u16(bytes: Uint8Array, offset = 0): number {
  return ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
}

function unsigned(value: Uint8Array): number {
  if (value.length === 0 || value.length > 3) throw malformed("expected a length of 1 to 3 bytes");
  return value.reduce((sum, byte) => sum * 256 + byte, 0);
}

function malformed(message: string): CredentialError {
  return new CredentialError("malformed", message);
}
