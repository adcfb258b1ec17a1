import { expect, test } from "vitest";
import { encodeRecords, parseRecords } from "./key-records.ts";

const KEY = { name: "k", version: 1, use: "mac", value: "00".repeat(16) };
const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

test("records come back as they went in", () => {
  const records = [
    { reference: { name: "k", version: 1 }, use: "mac", value: new Uint8Array(16) },
    { reference: { name: "s", version: 9 }, use: "sign", value: new Uint8Array(32).fill(1) },
  ] as const;
  expect(parseRecords(encodeRecords(records))).toEqual(records);
});

test.each([
  { what: "no JSON", input: new Uint8Array([0xff]) },
  { what: "no object", input: bytes([]) },
  { what: "keys that are no list", input: bytes({ version: 1, keys: {} }) },
  { what: "a key twice", input: bytes({ version: 1, keys: [KEY, KEY] }) },
  { what: "a key that is no object", input: bytes({ version: 1, keys: [7] }) },
  { what: "another use", input: bytes({ version: 1, keys: [{ ...KEY, use: "encrypt" }] }) },
  { what: "a value of another length", input: bytes({ version: 1, keys: [{ ...KEY, value: "00" }] }) },
  { what: "a value in capitals", input: bytes({ version: 1, keys: [{ ...KEY, value: "AA".repeat(16) }] }) },
  {
    what: "a scalar for a MAC key",
    input: bytes({ version: 1, keys: [{ ...KEY, value: "00".repeat(32) }] }),
  },
  { what: "a reference out of range", input: bytes({ version: 1, keys: [{ ...KEY, version: 128 }] }) },
  { what: "too many keys", input: bytes({ version: 1, keys: Array.from({ length: 1001 }, () => KEY) }) },
])("$what is malformed", ({ input }) => {
  expect(() => parseRecords(input)).toThrow(expect.objectContaining({ code: "malformed" }));
});

test("another version is named as such", () => {
  expect(() => parseRecords(bytes({ version: 2, keys: [] }))).toThrow(
    expect.objectContaining({ code: "unknown-version" }),
  );
});
