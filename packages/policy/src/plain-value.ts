import { compareBytes } from "./columns.ts";
import type { PlainMap, PlainValue } from "./document.ts";

/** Documents are flat; deeper nesting is hostile. */
const MOST_NESTING = 12;

/** True if a decoded value is made of nothing but what documents may hold: no floats, no null, plain objects. */
export function isPlainValue(value: unknown, nesting: number = MOST_NESTING): value is PlainValue {
  if (typeof value === "number") return Number.isSafeInteger(value) && !Object.is(value, -0);
  if (typeof value === "boolean" || typeof value === "string") return true;
  if (value instanceof Uint8Array) return true;
  if (nesting === 0) return false;
  if (Array.isArray(value)) return value.every((entry) => isPlainValue(entry, nesting - 1));
  return isPlainMap(value, nesting);
}

/** As `isPlainValue`, for objects. */
export function isPlainMap(value: unknown, nesting: number = MOST_NESTING): value is PlainMap {
  if (typeof value !== "object" || value === null || Array.isArray(value) || ArrayBuffer.isView(value))
    return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  return Object.values(value).every((entry) => isPlainValue(entry, nesting - 1));
}

/** True if two values encode to the same bytes. */
export function equalPlain(a: PlainValue | undefined, b: PlainValue | undefined): boolean {
  if (typeof a !== "object" || typeof b !== "object") return a === b;
  if (a instanceof Uint8Array || b instanceof Uint8Array) {
    return a instanceof Uint8Array && b instanceof Uint8Array && compareBytes(a, b) === 0;
  }
  const [left, right] = [new Map(Object.entries(a)), new Map(Object.entries(b))];
  return (
    Array.isArray(a) === Array.isArray(b) &&
    left.size === right.size &&
    [...left].every(([key, entry]) => equalPlain(entry, right.get(key)))
  );
}
