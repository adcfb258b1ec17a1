/**
 * Why the gate could not do what it was asked. Expected outcomes (a refusal at the door, a snapshot that is too old)
 * are values; these are faults.
 */
export type GateErrorCode =
  /** The configuration file is missing, malformed, or lacks a security setting. */
  | "config-invalid"
  /** The disk has no room for a durable write. */
  | "disk-full"
  /** The disk refused a durable write for another reason. */
  | "disk-failed"
  /** A database file is not readable as one; it was set aside. */
  | "database-corrupt"
  /** A database was written by a newer program than this one. */
  | "database-newer"
  /** A sealed value could not be opened with this gate's key file. */
  | "seal-broken"
  /** The community server refused, or could not be trusted, at enrolment or renewal. */
  | "enrolment-failed"
  /** A link to the community server could not be made or broke. */
  | "link-failed"
  /** The store answered too late or not at all. */
  | "store-stalled"
  /** A request on the local administration socket was not understood or not possible. */
  | "request-invalid";

/** The only error this app throws; callers look at `code`, never at the text. */
export class GateError extends Error {
  readonly code: GateErrorCode;

  constructor(code: GateErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "GateError";
    this.code = code;
  }
}

/** A text for logs from anything thrown: the name and code of the error, never values that it may carry. */
export function faultName(fault: unknown): string {
  if (fault instanceof Error) {
    const code = "code" in fault && typeof fault.code === "string" ? `:${fault.code}` : "";
    return `${fault.name}${code}`;
  }
  return typeof fault;
}
