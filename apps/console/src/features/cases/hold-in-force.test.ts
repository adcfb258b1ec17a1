import { expect, test } from "vitest";
import { isInForce } from "./hold-in-force.ts";

const NOW = 1_800_000_000_000;
const HOLD = { state: "answered", holdUntil: NOW + 1 } as const;

test("a hold keeps evidence while it waits for its custodians and once they answered, until its end", () => {
  expect(isInForce(HOLD, NOW)).toBe(true);
  expect(isInForce({ ...HOLD, state: "requested" }, NOW)).toBe(true);
  expect(isInForce({ ...HOLD, holdUntil: NOW }, NOW)).toBe(false);
});

test("none that was refused, that nobody answered, or that was ended early; nor a request that is no hold", () => {
  expect(isInForce({ ...HOLD, state: "refused" }, NOW)).toBe(false);
  expect(isInForce({ ...HOLD, state: "expired" }, NOW)).toBe(false);
  expect(isInForce({ ...HOLD, holdEndedAt: NOW - 1 }, NOW)).toBe(false);
  expect(isInForce({ state: "answered" }, NOW)).toBe(false);
});
