import { PROBLEM_CODES, type Problem, type ProblemCode } from "@menshen/wire";
import { isDatabaseGone } from "../database/database.ts";
import { CommunityError } from "../errors.ts";

const STATUS: Readonly<Record<ProblemCode, number>> = {
  "invalid-request": 400,
  "reason-required": 400,
  "view-reason-required": 400,
  "not-signed-in": 401,
  "code-invalid": 401,
  "passkey-refused": 401,
  "key-refused": 401,
  forbidden: 403,
  "wrong-duty": 403,
  "not-found": 404,
  conflict: 409,
  "stale-revision": 409,
  "in-use": 409,
  "way-in-lost": 409,
  "last-of-its-kind": 409,
  "second-person-needed": 409,
  "only-path": 409,
  "motion-needed": 409,
  "resident-not-asked": 409,
  "too-large": 413,
  "rate-limited": 429,
  internal: 500,
  unavailable: 503,
  "keys-locked": 503,
};

const TITLE: Readonly<Record<ProblemCode, string>> = {
  "invalid-request": "the request is not of the form expected",
  "reason-required": "a reason is needed",
  "view-reason-required": "say why you look at residents' data",
  "not-signed-in": "sign in first",
  "code-invalid": "this sign-in link is used up, expired or unknown",
  "passkey-refused": "this passkey was not accepted",
  "key-refused": "this key is not registered here",
  forbidden: "not allowed",
  "wrong-duty": "this belongs to another duty",
  "not-found": "not found",
  conflict: "this contradicts what is on record",
  "stale-revision": "somebody else changed this meanwhile",
  "in-use": "something still refers to this",
  "way-in-lost": "residents would lose their ways in",
  "last-of-its-kind": "the last one stays",
  "second-person-needed": "somebody else must agree",
  "only-path": "residents have no other way",
  "motion-needed": "the owners decide this by a vote",
  "resident-not-asked": "who lives here is asked first",
  "too-large": "the request is too large",
  "rate-limited": "too many attempts",
  internal: "the server failed",
  unavailable: "not available now",
  "keys-locked": "the keys of cards are locked: a member of staff for security unlocks them",
};

function isProblemCode(code: string): code is ProblemCode {
  return PROBLEM_CODES.some((candidate) => candidate === code);
}

/** What a caller is told of an error. Anything that is no refusal is `internal`, without a word of its text. */
export function problemOf(error: unknown): Problem {
  if (error instanceof CommunityError && isProblemCode(error.code)) {
    const { violations, ...facts } = error.facts;
    return {
      status: STATUS[error.code],
      code: error.code,
      title: TITLE[error.code],
      ...facts,
      ...(violations === undefined ? {} : { violations: [...violations] }),
    };
  }
  const code = frameworkCode(error);
  return { status: STATUS[code], code, title: TITLE[code] };
}

/** Refusals that the HTTP framework makes by itself, before any of our code. */
function frameworkCode(error: unknown): ProblemCode {
  if (isDatabaseGone(error)) return "unavailable";
  const status = error instanceof Error && "statusCode" in error ? error.statusCode : undefined;
  switch (status) {
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
