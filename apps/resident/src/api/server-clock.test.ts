import { expect, test } from "vitest";
import { clockDifference, surelyAheadS } from "./server-clock.ts";

const DATE = "Sun, 22 Nov 2026 13:00:00 GMT";
const SERVER = Date.parse(DATE);

test.each([
  ["the same second", 200, 300, 0],
  ["five seconds ahead, sure of more than four", 6_000, 6_100, 5],
  ["a little ahead", 4_900, 5_000, 0],
  ["behind", -10_000, -9_900, -10],
  ["a slow answer, so that nothing is sure", -6_000, 20_000, 0],
])("%s", (_name, asked, answered, expected) => {
  const difference = clockDifference(DATE, SERVER + asked, SERVER + answered);
  expect(difference && surelyAheadS(difference)).toBe(expected);
});

test("an answer without a date tells nothing", () => {
  expect(clockDifference(null, 0, 1)).toBeUndefined();
  expect(clockDifference("yesterday", 0, 1)).toBeUndefined();
});
