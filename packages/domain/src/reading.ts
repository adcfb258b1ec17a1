import type { DomainErrorCode } from "./errors.ts";
import { DomainError } from "./errors.ts";

/** Readers of unknown values for the parsing constructors of this package; `what` names the place in messages. */

/** Fails with the value's type, never with its content: it may be somebody's name. */
export function refuse(code: DomainErrorCode, what: string, expected: string, value: unknown): never {
  const came = value === null ? "null" : Array.isArray(value) ? "a list" : typeof value;
  throw new DomainError(code, `${what}: expected ${expected}, came ${came}`);
}

export function readRecord(code: DomainErrorCode, what: string, value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    refuse(code, what, "an object", value);
  return { ...value };
}

export function readList(code: DomainErrorCode, what: string, value: unknown, most: number): unknown[] {
  if (!Array.isArray(value)) refuse(code, what, "a list", value);
  if (value.length > most) {
    throw new DomainError(code, `${what}: expected at most ${most} entries, came ${value.length}`);
  }
  return value;
}

export function readText(code: DomainErrorCode, what: string, value: unknown, most: number): string {
  if (typeof value !== "string") refuse(code, what, "text", value);
  if (value.length === 0 || value.length > most) {
    throw new DomainError(code, `${what}: expected 1 to ${most} characters, came ${value.length}`);
  }
  return value;
}

export function readWhole(
  code: DomainErrorCode,
  what: string,
  value: unknown,
  least: number,
  most: number,
): number {
  if (typeof value !== "number") refuse(code, what, `a whole number from ${least} to ${most}`, value);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new DomainError(
      code,
      `${what}: expected a whole number from ${least} to ${most}, came \`${value}\``,
    );
  }
  return value;
}

/** Reads one of a closed list of words. */
export function readWord<Word extends string>(
  code: DomainErrorCode,
  what: string,
  value: unknown,
  words: readonly Word[],
): Word {
  const found = words.find((word) => word === value);
  if (found === undefined) refuse(code, what, `one of ${words.join(", ")}`, value);
  return found;
}
