/** What a caller outside may be told of an error. */
export interface PublicError {
  /** HTTP status. */
  readonly status: number;
  /** Stable, for programs. */
  readonly code: string;
  /** For people; never internal text. */
  readonly title: string;
}

/** Both halves of one error; they are split at the edge: `public` goes out, `internal` goes to the log. */
export interface ErrorPair {
  readonly public: PublicError;
  readonly internal: unknown;
  /** A fault of this program, to be logged as an error. */
  readonly fault: boolean;
}

/** Answers for the errors it knows, `undefined` for others. */
export type ErrorMapping = (error: unknown) => PublicError | undefined;

const INTERNAL: PublicError = { status: 500, code: "internal", title: "something went wrong here" };

/** The first mapping that knows the error decides; what none knows is a fault and says nothing outside. */
export function pairOf(error: unknown, mappings: readonly ErrorMapping[]): ErrorPair {
  for (const mapping of mappings) {
    const known = mapping(error);
    if (known !== undefined) return { public: known, internal: error, fault: known.status >= 500 };
  }
  return { public: INTERNAL, internal: error, fault: true };
}
