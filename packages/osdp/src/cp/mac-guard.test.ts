import { expect, test } from "vitest";
import { makeMacGuard } from "./mac-guard.ts";

test("the third failure of a session ends it, the tenth within ten minutes holds the peripheral off", () => {
  const guard = makeMacGuard();
  const verdicts = Array.from({ length: 10 }, (_, index) => {
    if (index % 3 === 0) guard.sessionBegan();
    return guard.failed(index * 1_000);
  });
  expect(verdicts).toEqual([
    "tolerate",
    "tolerate",
    "end-session",
    "tolerate",
    "tolerate",
    "end-session",
    "tolerate",
    "tolerate",
    "end-session",
    "hold-off",
  ]);
  expect(guard.count).toBe(10);
});

test("failures older than ten minutes do not count towards holding off", () => {
  const guard = makeMacGuard();
  for (let i = 0; i < 40; i += 1) {
    guard.sessionBegan();
    expect(guard.failed(i * 70_000)).toBe("tolerate");
  }
});
