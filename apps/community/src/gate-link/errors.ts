/**
 * - `already-enrolled`, `revoked`: the gate cannot be enrolled again; a replaced device is a new gate;
 * - `keys-unreadable`: the server's own keys are damaged or open to others;
 * - `message-refused`: stays inside, ends a gate's connection;
 * - `not-started`: asked before `start`.
 */
export type GateLinkErrorCode =
  | "already-enrolled"
  | "revoked"
  | "keys-unreadable"
  | "message-refused"
  | "not-started";

/** The only error that the gate link throws at its callers. */
export class GateLinkError extends Error {
  readonly code: GateLinkErrorCode;

  constructor(code: GateLinkErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "GateLinkError";
    this.code = code;
  }
}
