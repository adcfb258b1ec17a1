import type { RefusalFacts } from "@menshen/service-kit/http";
import type { ProblemCode } from "@menshen/wire";

/** Refusals that callers over HTTP see, and faults of this server that stop it or become `internal`. */
export type CityErrorCode = ProblemCode | "bad-configuration" | "keys-unreadable";

/** The only error this app throws; callers look at `code`. `message` is internal, `facts` are public. */
export class CityError extends Error {
  readonly code: CityErrorCode;
  readonly facts: RefusalFacts;

  constructor(
    code: CityErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly facts?: RefusalFacts } = {},
  ) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.name = "CityError";
    this.code = code;
    this.facts = options.facts ?? {};
  }
}

/** A refusal whose text may be shown to whoever asked. */
export function refusal(code: ProblemCode, detail: string, facts: RefusalFacts = {}): CityError {
  return new CityError(code, detail, { facts: { ...facts, detail } });
}

/** The value, or `not-found`. */
export function found<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw refusal("not-found", `no such ${what}`);
  return value;
}
