/**
 * - `config-unreadable`, `config-invalid`: the configuration file is not there, not JSON, or not as its schema says;
 * - `already-running`: another process holds the state directory;
 * - `state-refused`: a state directory is owned by somebody else, open to others or out of reach;
 * - `database-failed`: PostgreSQL did not come up or its binaries are not usable;
 * - `migration-failed`: a migration was changed after it ran, or failed.
 */
export type ServiceErrorCode =
  | "config-unreadable"
  | "config-invalid"
  | "already-running"
  | "state-refused"
  | "database-failed"
  | "migration-failed";

/** The only error this package throws. */
export class ServiceError extends Error {
  readonly code: ServiceErrorCode;

  constructor(code: ServiceErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "ServiceError";
    this.code = code;
  }
}

/** sysexits(3) EX_CONFIG: the configuration must change before another start makes sense. */
const EXIT_CONFIG = 78;

/** Exit code for a process that could not start because of `error`. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof ServiceError)) return 1;
  return error.code === "config-invalid" || error.code === "config-unreadable" ? EXIT_CONFIG : 1;
}
