export type GateLinkErrorCode = "already-enrolled" | "revoked" | "keys-unreadable" | "not-listening";

/** The only error that the gate link throws at its callers. */
export class GateLinkError extends Error {
  readonly code: GateLinkErrorCode;

  constructor(code: GateLinkErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "GateLinkError";
    this.code = code;
  }
}
