import { expect, test } from "vitest";
import { isDaylight } from "./daylight.ts";

test.each([
  ["2026-11-22T22:59:59Z", false],
  ["2026-11-22T23:00:00Z", true],
  ["2026-11-23T09:59:59Z", true],
  ["2026-11-23T10:00:00Z", false],
])("in Shanghai at %s: %s", (at, isDay) => {
  expect(isDaylight(Date.parse(at), "Asia/Shanghai")).toBe(isDay);
});
