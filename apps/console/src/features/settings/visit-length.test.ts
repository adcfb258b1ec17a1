import { expect, test } from "vitest";
import { visitLength, visitLengthS, wholeDays } from "./visit-length.ts";

test.each([
  [604_800, "days", 7, 7],
  [129_600, "hours", 36, 2],
  [5_400, "minutes", 90, 1],
  [900, "minutes", 15, 1],
] as const)("%s s is read in %s: %s", (lengthS, unit, count, days) => {
  expect(visitLength(lengthS)).toEqual({ unit, count });
  expect(wholeDays(lengthS)).toBe(days);
});

test("a length that was left alone stays as it is to the second", () => {
  expect(visitLengthS(2, 129_600)).toBe(129_600);
  expect(visitLengthS(3, 129_600)).toBe(259_200);
  expect(visitLengthS(1, 604_800)).toBe(86_400);
});
