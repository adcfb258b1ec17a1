import { expect, it } from "vitest";
import { timeLeft } from "./time-left.ts";

it.each([
  [-5_000, "0:00"],
  [0, "0:00"],
  [1, "0:01"],
  [59_001, "1:00"],
  [61_000, "1:01"],
  [3_599_000, "59:59"],
  [3_600_000, "1:00:00"],
  [86_400_000, "24:00:00"],
])("says of %d ms that are left: %s", (leftMs, text) => {
  expect(timeLeft(leftMs)).toBe(text);
});
