import { PROBLEM_CODES, type Problem, type ProblemCode } from "@menshen/wire";
import { CityError } from "../errors.ts";

/** Status and title of the refusals that this server makes. */
const WORDS: Readonly<Partial<Record<ProblemCode, readonly [status: number, title: string]>>> = {
  "invalid-request": [400, "the request is not of the form expected"],
  "not-signed-in": [401, "sign in first"],
  "code-invalid": [401, "this link or code is used up, expired or unknown"],
  "passkey-refused": [401, "this passkey was not accepted"],
  "key-refused": [401, "this key is not registered here"],
  forbidden: [403, "not allowed"],
  "not-found": [404, "not found"],
  conflict: [409, "this contradicts what is on record"],
  "too-large": [413, "the request is too large"],
  "rate-limited": [429, "enough for now"],
};
const INTERNAL = [500, "the server failed"] as const;

/** What a caller is told of an error. Anything that is no refusal is `internal`, without a word of its text. */
export function problemOf(error: unknown): Problem {
  if (error instanceof CityError) {
    const code = PROBLEM_CODES.find((candidate) => candidate === error.code);
    const words = code === undefined ? undefined : WORDS[code];
    if (code !== undefined && words !== undefined) {
      return { status: words[0], code, title: words[1], ...error.facts };
    }
  }
  const code = frameworkCode(error);
  const [status, title] = WORDS[code] ?? INTERNAL;
  return { status, code, title };
}

/** Refusals that the HTTP framework makes by itself, before any of our code. */
function frameworkCode(error: unknown): ProblemCode {
  switch (error instanceof Error && "statusCode" in error ? error.statusCode : undefined) {
    case 400:
    case 415:
      return "invalid-request";
    case 404:
      return "not-found";
    case 413:
      return "too-large";
    default:
      return "internal";
  }
}
