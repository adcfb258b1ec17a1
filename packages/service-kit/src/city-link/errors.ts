/**
 * Why a talk with the city came to nothing.
 *
 * - `bad-address`: plain HTTP beyond this machine, or no address at all;
 * - `unreachable`: no answer, one that is no answer of a city server, or one too long; asking again later makes sense;
 * - `refused`: the city knows the request and says no; the same will be refused again;
 * - `rate-limited`: enough numbers for today;
 * - `not-believed`: the proof does not fit the key that this city was enrolled with. Nothing of the answer is used.
 */
export type CityLinkErrorCode = "bad-address" | "unreachable" | "refused" | "rate-limited" | "not-believed";

/** The only error this package throws. `detail` is what the city said in words, if it said something. */
export class CityLinkError extends Error {
  override readonly name = "CityLinkError";
  readonly code: CityLinkErrorCode;
  /** The city's own code of a refusal. */
  readonly refusal: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: CityLinkErrorCode,
    message: string,
    facts: { readonly refusal?: string; readonly retryAfterSeconds?: number; readonly cause?: unknown } = {},
  ) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = code;
    this.refusal = facts.refusal;
    this.retryAfterSeconds = facts.retryAfterSeconds;
  }
}
