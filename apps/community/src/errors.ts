import type { Problem, ProblemCode, WayInViolation } from "@menshen/wire";

/** Refusals that callers over HTTP see, and faults of this server that stop it or become `internal`. */
export type CommunityErrorCode = ProblemCode | "bad-configuration" | "keys-unreadable";

/** What a refusal tells beside its code; goes out as it stands. */
export interface RefusalFacts {
  /** For the person who asked; never internal text. */
  readonly detail?: string;
  readonly fields?: NonNullable<Problem["fields"]>;
  readonly violations?: readonly WayInViolation[];
  readonly violationCount?: number;
  readonly duty?: NonNullable<Problem["duty"]>;
  readonly retryAfterSeconds?: number;
  readonly first?: NonNullable<Problem["first"]>;
}

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
