import { PROBLEM_CODES, type Problem, type ProblemCode } from "@menshen/wire";
import { isDatabaseGone } from "../postgres/database-errors.ts";

/** What a refusal tells beside its code; goes out as it stands, so it is for the person who asked and never internal text. */
export type RefusalFacts = {
  readonly [Fact in Exclude<keyof Problem, "status" | "code" | "title">]?: Exclude<Problem[Fact], undefined>;
};

/** An error that an app means to be seen by whoever asked. */
export interface Refused {
  /** A code that is no {@link ProblemCode} is a fault of the server. */
  readonly code: string;
  readonly facts: RefusalFacts;
}

/** HTTP status and title of each refusal; pages have words of their own, by the code. */
const WORDS: Readonly<Record<ProblemCode, readonly [status: number, title: string]>> = {
  "invalid-request": [400, "the request is not of the form expected"],
  "reason-required": [400, "a reason is needed"],
  "view-reason-required": [400, "say why you look at residents' data"],
  "not-signed-in": [401, "sign in first"],
  "code-invalid": [401, "this link or code is used up, expired or unknown"],
  "passkey-refused": [401, "this passkey was not accepted"],
  "key-refused": [401, "this key is not registered here"],
  forbidden: [403, "not allowed"],
  "wrong-duty": [403, "this belongs to another duty"],
  "not-found": [404, "not found"],
  conflict: [409, "this contradicts what is on record"],
  "stale-revision": [409, "somebody else changed this meanwhile"],
  "in-use": [409, "something still refers to this"],
  "way-in-lost": [409, "residents would lose their ways in"],
  "last-of-its-kind": [409, "the last one stays"],
  "second-person-needed": [409, "somebody else must agree"],
  "only-path": [409, "residents have no other way"],
  "motion-needed": [409, "the owners decide this by a vote"],
  "resident-not-asked": [409, "who lives here is asked first"],
  "too-large": [413, "the request is too large"],
  "rate-limited": [429, "too many attempts"],
  internal: [500, "the server failed"],
  unavailable: [503, "not available now"],
  "keys-locked": [503, "the keys of cards are locked: a member of staff for security unlocks them"],
};

/** What a caller is told of an error. Anything that is no refusal is `internal`, without a word of its text. */
export function problemOf(error: unknown, refusedBy: (error: unknown) => Refused | undefined): Problem {
  const refused = refusedBy(error);
  const code = PROBLEM_CODES.find((candidate) => candidate === refused?.code) ?? frameworkCode(error);
  const [status, title] = WORDS[code];
  return { status, code, title, ...(code === refused?.code ? refused.facts : {}) };
}

/** Refusals that the HTTP framework makes by itself, before any of our code. */
function frameworkCode(error: unknown): ProblemCode {
  if (isDatabaseGone(error)) return "unavailable";
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
