import { expect, test } from "vitest";
import { formatLiveCursor, parseLiveCursor } from "./live-cursor.ts";

test.each([
  ["0", { event: 0 }],
  ["17", { event: 17 }],
  ["17.4", { event: 17, alarm: 4 }],
  ["999999999999999.0", { event: 999_999_999_999_999, alarm: 0 }],
])("%s", (text, cursor) => {
  expect(parseLiveCursor(text)).toEqual(cursor);
  expect(formatLiveCursor(cursor)).toBe(text);
});

test.each(["", ".", "1.", ".1", "1.2.3", "-1", "1e3", "1 ", "١", "1000000000000000", "1.1000000000000000"])(
  "`%s` is none",
  (text) => expect(parseLiveCursor(text)).toBeUndefined(),
);
