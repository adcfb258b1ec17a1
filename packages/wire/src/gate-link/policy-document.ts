import { type Cbor, decodeCbor, encodeCbor } from "../cbor.ts";
import { WireError } from "../errors.ts";

/**
 * Deterministic CBOR (RFC 8949 §4.2.1) of a policy snapshot or delta as the policy package makes it: objects with text
 * keys, arrays, whole numbers, text, booleans, bytes. A key whose value is undefined is left out. The meaning is that
 * package's; here are only the bytes that are signed, stored and hashed.
 *
 * @throws {WireError} `invalid` for anything else in it
 */
export function encodePolicyDocument(document: object): Uint8Array {
  return encodeCbor(toCbor(document));
}

/**
 * The same document as plain objects, unchecked beyond its encoding: the policy package's loaders check it.
 *
 * @throws {WireError} `too-large`, `malformed`, `not-canonical`; `invalid` for a map with other than text keys
 */
export function decodePolicyDocument(bytes: Uint8Array, maxBytes: number): unknown {
  return toPlain(decodeCbor(bytes, maxBytes));
}

function toCbor(value: unknown): Cbor {
  if (typeof value === "string" || typeof value === "boolean" || value instanceof Uint8Array) return value;
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  if (Array.isArray(value)) return value.map(toCbor);
  if (typeof value !== "object" || value === null) {
    throw new WireError("invalid", `policy document: expected plain values, came ${typeof value}`);
  }
  const map = new Map<string, Cbor>();
  for (const [key, element] of Object.entries(value)) {
    if (element !== undefined) map.set(key, toCbor(element));
  }
  return map;
}

function toPlain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toPlain);
  if (!(value instanceof Map)) return value;
  const entries: [string, unknown][] = [];
  for (const [key, element] of value) {
    if (typeof key !== "string") throw new WireError("invalid", "policy document: expected text keys");
    entries.push([key, toPlain(element)]);
  }
  // Defines own properties only, so that a key such as `__proto__` is just a key.
  return Object.fromEntries(entries);
}
