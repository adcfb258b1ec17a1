import { concatBytes } from "@menshen/crypto";
import { type CommandApdu, parseCommand } from "../apdu/apdu.ts";
import { CredentialError } from "../credential-error.ts";

// The extended form (ISO/IEC 7816-4 §5.1), which Aliro takes for commands beyond 255 bytes where the device's answer
// to SELECT allows it. The cards of the other protocols take the short form only.

/** A command APDU of either form. In the extended form `le` goes to 65,536. */
export interface AnyCommandApdu extends CommandApdu {
  readonly extended: boolean;
}

/**
 * Bytes of a command in the extended form.
 *
 * @throws {CredentialError} `bad-argument` for no data or more than 65,535 bytes of it
 */
export function encodeExtendedCommand(command: CommandApdu): Uint8Array {
  const { cla, ins, p1, p2, data, le } = command;
  if (data.length === 0 || data.length > 0xffff) {
    throw new CredentialError("bad-argument", `expected 1 to 65535 data bytes, got ${data.length}`);
  }
  const header = Uint8Array.of(cla, ins, p1, p2, 0, data.length >> 8, data.length & 0xff);
  const expected = le === undefined ? new Uint8Array() : Uint8Array.of((le >> 8) & 0xff, le & 0xff);
  return concatBytes(header, data, expected);
}

/**
 * Reads a command of either form.
 *
 * @throws {CredentialError} `malformed` where the lengths do not add up
 */
export function parseAnyCommand(bytes: Uint8Array): AnyCommandApdu {
  const [cla = 0, ins = 0, p1 = 0, p2 = 0, marker, high, low] = bytes;
  if (bytes.length <= 5 || marker !== 0) return { ...parseCommand(bytes), extended: false };
  if (high === undefined || low === undefined) throw malformed();
  const number = (high << 8) | low;
  const header = { cla, ins, p1, p2, extended: true };
  if (bytes.length === 7) return { ...header, data: new Uint8Array(), le: number === 0 ? 65_536 : number };
  const end = 7 + number;
  if (number === 0 || (bytes.length !== end && bytes.length !== end + 2)) throw malformed();
  const data = bytes.slice(7, end);
  if (bytes.length === end) return { ...header, data };
  const le = ((bytes[end] ?? 0) << 8) | (bytes[end + 1] ?? 0);
  return { ...header, data, le: le === 0 ? 65_536 : le };
}

function malformed(): CredentialError {
  return new CredentialError("malformed", "expected a command whose lengths add up");
}
