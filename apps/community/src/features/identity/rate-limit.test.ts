import { Duration } from "@menshen/domain";
import { expect, test } from "vitest";
import { makeTestClock } from "../../testing/test-clock.ts";
import { makeRateLimit } from "./rate-limit.ts";

const limited = (retryAfterSeconds: number) =>
  expect.objectContaining({ code: "rate-limited", facts: expect.objectContaining({ retryAfterSeconds }) });

test("a burst, then one at a time", () => {
  const clock = makeTestClock();
  const limit = makeRateLimit(clock, 2, 10_000);
  limit.take("a");
  limit.take("a");
  expect(() => limit.take("a")).toThrow(limited(10));
  limit.take("b");
  clock.advance(Duration.seconds(4));
  expect(() => limit.take("a")).toThrow(limited(6));
  clock.advance(Duration.seconds(6));
  limit.take("a");
  expect(() => limit.take("a")).toThrow(limited(10));
});

test("waiting long gives no more than the burst, and a clock that steps back gives nothing", () => {
  const clock = makeTestClock();
  const limit = makeRateLimit(clock, 2, 10_000);
  limit.take("a");
  clock.advance(Duration.hours(5));
  limit.take("a");
  limit.take("a");
  expect(() => limit.take("a")).toThrow(limited(10));
  clock.advance(Duration.hours(-1));
  expect(() => limit.take("a")).toThrow(limited(10));
});

test("addresses without number do not fill the memory, nor free an attacker", () => {
  const clock = makeTestClock();
  const limit = makeRateLimit(clock, 1, 10_000);
  limit.take("attacker");
  for (let i = 0; i < 9_999; i += 1) limit.take(`address ${i}`);
  expect(() => limit.take("attacker")).toThrow(limited(10));
});
