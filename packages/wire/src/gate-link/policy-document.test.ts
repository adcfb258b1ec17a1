import { expect, test } from "vitest";
import { decodePolicyDocument, encodePolicyDocument } from "./policy-document.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

test("a document has one encoding: keys by length and bytes, absent values left out", () => {
  const document = { version: 3, b: [1, -2, true, "x"], a: undefined, keys: Uint8Array.of(1, 2) };
  expect(hex(encodePolicyDocument(document))).toBe("a36162840121f56178646b6579734201026776657273696f6e03");
  expect(decodePolicyDocument(encodePolicyDocument(document), 100)).toEqual({
    version: 3,
    b: [1, -2, true, "x"],
    keys: Uint8Array.of(1, 2),
  });
});

test("other than text keys and other than the one encoding are refused", () => {
  const bytes = (text: string) => new Uint8Array(Buffer.from(text, "hex"));
  expect(() => decodePolicyDocument(bytes("a10102"), 100)).toThrow(
    expect.objectContaining({ code: "invalid" }),
  );
  expect(() => decodePolicyDocument(bytes("a2616201616101"), 100)).toThrow(
    expect.objectContaining({ code: "not-canonical" }),
  );
  expect(() => decodePolicyDocument(bytes("a16161"), 100)).toThrow(
    expect.objectContaining({ code: "malformed" }),
  );
  expect(() => decodePolicyDocument(bytes("a1616101"), 3)).toThrow(
    expect.objectContaining({ code: "too-large" }),
  );
});

test("what is no plain value is refused", () => {
  for (const value of [1.5, null, 10n, () => 1]) {
    expect(() => encodePolicyDocument({ value })).toThrow(expect.objectContaining({ code: "invalid" }));
  }
});

test("a key named like a language feature is only a key", () => {
  const bytes = new Uint8Array(Buffer.from("a1695f5f70726f746f5f5fa161780a", "hex"));
  const decoded = decodePolicyDocument(bytes, 100);
  expect(Object.getPrototypeOf(decoded)).toBe(Object.prototype);
  expect(Object.keys(decoded ?? {})).toEqual(["__proto__"]);
});
