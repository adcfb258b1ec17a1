import type { CanonicalJson } from "@menshen/domain";

/** Reading what came as JSON, a member at a time: each function says whether a value is what it names, or reads it as that. */

export type Members = Readonly<Record<string, CanonicalJson>>;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The members of an object; none of what is no object. */
export function membersOf(value: CanonicalJson | undefined): Members {
  return isObject(value) ? value : {};
}

/** Every item of a list read; `undefined` for what is no list, or has an item that is not what it should be. */
export function listOf<T>(
  value: CanonicalJson | undefined,
  parse: (item: CanonicalJson) => T | undefined,
): readonly T[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const items: T[] = [];
  for (const each of value) {
    const item = parse(each);
    if (item === undefined) return undefined;
    items.push(item);
  }
  return items;
}

export function isUuid(value: CanonicalJson | undefined): value is string {
  return typeof value === "string" && UUID.test(value);
}

/** Lower-case hexadecimal of so many bytes. */
export function isHex(value: CanonicalJson | undefined, bytes: number): value is string {
  return typeof value === "string" && value.length === bytes * 2 && /^([0-9a-f]{2})*$/.test(value);
}

/** JSON may have come by `JSON.parse`, which knows `null`. */
function isObject(value: CanonicalJson | undefined): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
