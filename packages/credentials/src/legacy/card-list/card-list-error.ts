import { CredentialError } from "../../credential-error.ts";

/** A file that is none we read; `message` says what was expected, never what stood there. */
export function unreadableList(message: string, cause?: unknown): CredentialError {
  return new CredentialError("malformed", message, { cause });
}

/** Larger lists are cut by hand: a community of ten thousand dwellings has fewer cards. */
export const MAX_LIST_BYTES = 32 * 1024 * 1024;
export const MAX_LIST_ROWS = 200_000;
export const MAX_LIST_COLUMNS = 256;
/** Longest text of one cell, in UTF-16 units. */
export const MAX_CELL_LENGTH = 32_767;
