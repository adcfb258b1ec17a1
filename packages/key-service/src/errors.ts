/**
 * Why a key could not be used.
 *
 * - `unknown-key`: there is none of that name and version;
 * - `wrong-use`: it is there for another use;
 * - `exists`: one of that name and version is there already;
 * - `wrong-unlock`: the passphrase or PIN does not open the store or token, or the file was changed;
 * - `malformed`, `too-large`, `unknown-version`: a key store or share that is none, or none we read;
 * - `token-absent`: no PKCS#11 library at that path, or no token of that label;
 * - `token-refused`: the token refused a command; `reason` holds its CKR value;
 * - `shares-insufficient`: fewer shares than the key needs, or shares of different keys;
 * - `shares-wrong`: together they do not give the key whose check value they carry;
 * - `not-exportable`: it was drawn or put where it never comes out again;
 * - `busy`: another process changes the key store this moment;
 * - `closed`: the service was closed before;
 * - `bad-argument`: outside the stated ranges.
 */
export type KeyServiceErrorCode =
  | "unknown-key"
  | "wrong-use"
  | "exists"
  | "wrong-unlock"
  | "malformed"
  | "too-large"
  | "unknown-version"
  | "token-absent"
  | "token-refused"
  | "shares-insufficient"
  | "shares-wrong"
  | "not-exportable"
  | "busy"
  | "closed"
  | "bad-argument";

/** The one error class of `@menshen/key-service`. Messages hold no key, PIN, passphrase or share. */
export class KeyServiceError extends Error {
  override readonly name = "KeyServiceError";
  readonly code: KeyServiceErrorCode;
  /** With `token-refused`: the token's return value (PKCS#11 v2.40 base §3.6, CKR_…). */
  readonly reason?: number;

  constructor(
    code: KeyServiceErrorCode,
    message: string,
    options?: { readonly cause?: unknown; readonly reason?: number },
  ) {
    super(message, options);
    this.code = code;
    if (options?.reason !== undefined) this.reason = options.reason;
  }
}
