import type { RefusalFacts } from "@menshen/service-kit/http";
import type { ProblemCode } from "@menshen/wire";

/** Refusals that callers over HTTP see, and faults of this server that stop it or become `internal`. */
export type CommunityErrorCode = ProblemCode | "bad-configuration" | "keys-unreadable";

/** The only error this app throws; callers look at `code`. `message` is internal, `facts` are public. */
export class CommunityError extends Error {
  readonly code: CommunityErrorCode;
  readonly facts: RefusalFacts;

  constructor(
    code: CommunityErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly facts?: RefusalFacts } = {},
  ) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.name = "CommunityError";
    this.code = code;
    this.facts = options.facts ?? {};
  }
}

/** A refusal whose text may be shown to whoever asked. */
export function refusal(code: ProblemCode, detail: string, facts: RefusalFacts = {}): CommunityError {
  return new CommunityError(code, detail, { facts: { ...facts, detail } });
}
