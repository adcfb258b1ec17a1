import { DomainError } from "./errors.ts";

/** What a statement may be made of. No `null`, no fractions: two programs must never write one thing in two ways. */
export type CanonicalJson =
  | string
  | number
  | boolean
  | readonly CanonicalJson[]
  | { readonly [name: string]: CanonicalJson };

const MAX_DEPTH = 32;
/** Enough for a statement; whoever reads more says so. */
const MAX_CHARACTERS = 65_536;

/**
 * The one text of a value: RFC 8785 (JCS) restricted to objects, arrays, strings, booleans and whole numbers of
 * magnitude below 2^53. Names of an object stand in the order of their UTF-16 code units, without blanks.
 *
 * @throws {DomainError} `invalid-value` for anything else: `null`, `undefined`, fractions, `-0`, lone surrogates, more than 32
 *   levels
 */
export function canonicalJson(value: CanonicalJson): string {
  return write(value, MAX_DEPTH);
}

/**
 * Parses what {@link canonicalJson} writes, and nothing else.
 *
 * @throws {DomainError} `too-large` above `maxCharacters` UTF-16 code units; `malformed` if it is no JSON; `invalid-value` for a
 *   value that has no canonical text; `not-canonical` for another spelling, a name given twice included
 */
export function parseCanonicalJson(text: string, maxCharacters: number = MAX_CHARACTERS): CanonicalJson {
  if (text.length > maxCharacters) {
    throw new DomainError("too-large", `statement: expected at most ${maxCharacters} characters`);
  }
  let value: CanonicalJson;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    // The engine's message quotes the text.
    throw new DomainError("malformed", "statement: expected JSON", { cause });
  }
  if (write(value, MAX_DEPTH) !== text) {
    throw new DomainError("not-canonical", "statement: expected its canonical spelling");
  }
  return value;
}

function write(value: unknown, depth: number): string {
  if (depth === 0) throw new DomainError("invalid-value", `statement: expected at most ${MAX_DEPTH} levels`);
  switch (typeof value) {
    case "boolean":
      return value ? "true" : "false";
    case "number":
      if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
        throw new DomainError("invalid-value", "statement: expected whole numbers of magnitude below 2^53");
      }
      return String(value);
    case "string":
      return writeText(value);
    case "object":
      if (value === null) break;
      if (Array.isArray(value)) return `[${value.map((item) => write(item, depth - 1)).join(",")}]`;
      return `{${Object.entries(value)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, item]) => `${writeText(name)}:${write(item, depth - 1)}`)
        .join(",")}}`;
    default:
  }
  throw new DomainError(
    "invalid-value",
    "statement: expected objects, arrays, strings, booleans and whole numbers",
  );
}

/** RFC 8785 §3.2.2.2 is what ECMAScript writes, lone surrogates aside. */
function writeText(text: string): string {
  if (!text.isWellFormed()) throw new DomainError("invalid-value", "statement: expected well-formed Unicode");
  return JSON.stringify(text);
}
