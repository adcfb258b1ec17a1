import type { Text } from "./language.ts";

/** What a process ends with; documented in docs/cli.md and in every `--help`. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  /** EX_UNAVAILABLE of sysexits.h: the other side, a service or a function is not there. */
  unavailable: 69,
  /** EX_CONFIG of sysexits.h. */
  config: 78,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export type CliErrorCode = "failed" | "usage" | "unavailable" | "config";

/**
 * The only error this package throws on purpose: what is wrong and what to do about it, in both languages. `code`
 * decides the exit code; `message` is the English text.
 */
export class CliError extends Error {
  readonly code: CliErrorCode;
  readonly what: Text;
  readonly remedy: Text | undefined;

  constructor(code: CliErrorCode, what: Text, remedy?: Text, options?: { cause?: unknown }) {
    super(what.en, options);
    this.name = "CliError";
    this.code = code;
    this.what = what;
    this.remedy = remedy;
  }

  get exitCode(): ExitCode {
    return EXIT[this.code];
  }
}
