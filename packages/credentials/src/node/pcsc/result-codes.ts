import type { CredentialErrorCode } from "../../credential-error.ts";
import { CredentialError } from "../../credential-error.ts";

/** SCARD_S_SUCCESS. */
export const PCSC_SUCCESS = 0;

const codes: ReadonlyMap<number, CredentialErrorCode> = new Map([
  [0x80100009, "reader-unknown"], // SCARD_E_UNKNOWN_READER
  [0x8010000a, "timeout"], // SCARD_E_TIMEOUT
  [0x8010000b, "reader-busy"], // SCARD_E_SHARING_VIOLATION
  [0x8010000c, "card-removed"], // SCARD_E_NO_SMARTCARD
  [0x80100016, "card-removed"], // SCARD_E_NOT_TRANSACTED: the driver lost the card in mid-exchange
  [0x80100017, "reader-unknown"], // SCARD_E_READER_UNAVAILABLE
  [0x8010002e, "reader-unknown"], // SCARD_E_NO_READERS_AVAILABLE
  [0x8010002f, "card-removed"], // SCARD_E_COMM_DATA_LOST
  [0x80100066, "card-removed"], // SCARD_W_UNRESPONSIVE_CARD
  [0x80100067, "card-removed"], // SCARD_W_UNPOWERED_CARD
  [0x80100068, "card-removed"], // SCARD_W_RESET_CARD: whoever reset it, the session in it is gone
  [0x80100069, "card-removed"], // SCARD_W_REMOVED_CARD
]);

/** @throws {CredentialError} with the code that stands for a PC/SC result other than success */
export function requirePcscSuccess(result: number, what: string): void {
  if (result === PCSC_SUCCESS) return;
  const code = codes.get(result) ?? "transport";
  throw new CredentialError(code, `${what} failed with PC/SC result ${result.toString(16)}`);
}
