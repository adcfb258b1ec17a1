import { fromHex } from "@menshen/crypto";
import { type CanonicalJson, DomainError, parseCanonicalJson } from "@menshen/domain";
import { malformed } from "./bytes.ts";
import { CustodyError } from "./errors.ts";

/** Reading canonical JSON strictly: each function throws `CustodyError` `malformed` for anything else than it names. */

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const HEX = /^([0-9a-f]{2})*$/;

export function parseJson(text: string, most: number): CanonicalJson {
  try {
    return parseCanonicalJson(text, most);
  } catch (cause) {
    if (!(cause instanceof DomainError)) throw cause;
    throw new CustodyError("malformed", "expected canonical JSON", { cause });
  }
}

export function isObject(
  value: CanonicalJson | undefined,
): value is { readonly [name: string]: CanonicalJson } {
  return typeof value === "object" && !Array.isArray(value);
}

/** The members of an object that has these, perhaps those, and no other. */
export function fields(
  value: CanonicalJson | undefined,
  needed: readonly string[],
  possible: readonly string[] = [],
): Readonly<Record<string, CanonicalJson>> {
  if (!isObject(value)) throw malformed("no object where one belongs");
  const names = Object.keys(value);
  if (needed.some((name) => !Object.hasOwn(value, name))) throw malformed("a field missing");
  if (names.some((name) => !needed.includes(name) && !possible.includes(name)))
    throw malformed("a field more");
  return value;
}

export function list(value: CanonicalJson | undefined, most: number): readonly CanonicalJson[] {
  if (!Array.isArray(value) || value.length > most) throw malformed("no list, or too long a one");
  return value;
}

export function text(value: CanonicalJson | undefined, most: number): string {
  if (typeof value !== "string" || value.length === 0 || value.length > most) throw malformed("no text");
  return value;
}

export function line(value: CanonicalJson | undefined, most: number): string {
  const found = text(value, most);
  if (/\p{Cc}/u.test(found)) throw malformed("control characters");
  return found;
}

export function uuid(value: CanonicalJson | undefined): string {
  if (typeof value !== "string" || !UUID.test(value)) throw malformed("no UUID");
  return value;
}

export function whole(value: CanonicalJson | undefined): number {
  if (typeof value !== "number" || value < 0) throw malformed("no time or number");
  return value;
}

export function bytes(value: CanonicalJson | undefined, least: number, most: number): Uint8Array {
  if (typeof value !== "string" || value.length > most * 2 || value.length < least * 2 || !HEX.test(value)) {
    throw malformed("no bytes of the length expected");
  }
  return fromHex(value);
}
