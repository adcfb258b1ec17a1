import { type CommandApdu, CredentialError, encodeResponse, parseCommand } from "@menshen/credentials";

/** Undefined where the lengths do not add up, and for the extended form: the card then answers `6700`. */
export function readCommand(bytes: Uint8Array): CommandApdu | undefined {
  try {
    return parseCommand(bytes);
  } catch (error) {
    if (error instanceof CredentialError) return undefined;
    throw error;
  }
}

/** Response data followed by a status word. */
export function respond(statusWord: number, data: Uint8Array = new Uint8Array()): Uint8Array {
  return encodeResponse({ data, sw: statusWord });
}
