import { fromHex, toHex } from "@menshen/crypto/node";
import { KeyServiceError } from "./errors.ts";
import { KEY_USES, type KeyReference, type KeyUse, referenceText, requireReference } from "./key-service.ts";

/** A key as a file holds it. */
export interface KeyRecord {
  readonly reference: KeyReference;
  readonly use: KeyUse;
  /** AES: 16 bytes. P-256: the scalar, 32 bytes. */
  readonly value: Uint8Array;
}

const MAX_KEYS = 1_000;
const VALUE_BYTES: Readonly<Record<KeyUse, number>> = { diversify: 16, mac: 16, shared: 16, sign: 32 };

/** Contents of a key store: JSON, since nothing but this code reads it after the seal was checked. */
export function encodeRecords(records: readonly KeyRecord[]): Uint8Array {
  const keys = records.map(({ reference, use, value }) => ({ ...reference, use, value: toHex(value) }));
  return new TextEncoder().encode(JSON.stringify({ version: 1, keys }));
}

/**
 * Inverse of {@link encodeRecords}.
 *
 * @throws {KeyServiceError} `malformed`, also for a reference that stands twice; `unknown-version`
 */
export function parseRecords(bytes: Uint8Array): readonly KeyRecord[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw malformed(cause);
  }
  if (!isObject(parsed)) throw malformed();
  if (parsed.version !== 1) throw new KeyServiceError("unknown-version", "expected contents of version 1");
  if (!Array.isArray(parsed.keys) || parsed.keys.length > MAX_KEYS) throw malformed();
  const records = parsed.keys.map(parseRecord);
  if (new Set(records.map(({ reference }) => referenceText(reference))).size !== records.length)
    throw malformed();
  return records;
}

function parseRecord(item: unknown): KeyRecord {
  if (!isObject(item)) throw malformed();
  const { name, version, value } = item;
  const use = KEY_USES.find((known) => known === item.use);
  if (
    typeof name !== "string" ||
    typeof version !== "number" ||
    typeof value !== "string" ||
    use === undefined
  ) {
    throw malformed();
  }
  if (!/^([0-9a-f]{2})+$/.test(value) || value.length !== 2 * VALUE_BYTES[use]) throw malformed();
  const reference = { name, version };
  try {
    requireReference(reference);
  } catch (cause) {
    throw malformed(cause);
  }
  return { reference, use, value: fromHex(value) };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function malformed(cause?: unknown): KeyServiceError {
  return new KeyServiceError("malformed", "expected the contents of a key store", { cause });
}
