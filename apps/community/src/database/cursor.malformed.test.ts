import { expect, test } from "vitest";
import { cutPage, decodeCursor, encodeCursor } from "./cursor.ts";

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

test("a cursor comes back as the keys it was made of", () => {
  expect(decodeCursor(encodeCursor(["1号楼", 7]), ["string", "number"])).toEqual(["1号楼", 7]);
});

test.each([
  ["nothing", ""],
  ["no JSON", "!!!"],
  ["an object", encoded({ 0: "a", 1: 1 })],
  ["too few keys", encoded(["a"])],
  ["too many keys", encoded(["a", 1, 2])],
  ["keys of another kind", encoded([1, "a"])],
  ["a fraction", encoded(["a", 1.5])],
  ["a number beyond precision", encoded(["a", 2 ** 60])],
  ["null", encoded(["a", null])],
  ["a nested list", encoded(["a", [1]])],
])("%s is refused", (_, cursor) => {
  expect(() => decodeCursor(cursor, ["string", "number"])).toThrow(
    expect.objectContaining({ code: "invalid-request" }),
  );
});

test("a page ends with a cursor only if there is more", () => {
  expect(cutPage([1, 2], 2, (row) => [row])).toEqual({ rows: [1, 2] });
  const page = cutPage([1, 2, 3], 2, (row) => [row]);
  expect(page.rows).toEqual([1, 2]);
  expect(decodeCursor(page.nextCursor ?? "", ["number"])).toEqual([2]);
});
