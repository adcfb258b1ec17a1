import { expect, test } from "vitest";
import { countDown, leftMs } from "./shared-screen.ts";

test.each([
  [0, 0, 120_000],
  [0, 119_999, 1],
  [0, 120_000, 0],
  [0, 9_000_000, 0],
  [60_000, 60_500, 119_500],
])("touched at %i, at %i there are %i ms left", (touchedAt, now, left) => {
  expect(leftMs(touchedAt, now)).toBe(left);
});

test.each([
  [120_000, "2:00"],
  [119_999, "2:00"],
  [65_000, "1:05"],
  [900, "0:01"],
  [0, "0:00"],
])("%i ms are shown as %s", (ms, shown) => expect(countDown(ms)).toBe(shown));
