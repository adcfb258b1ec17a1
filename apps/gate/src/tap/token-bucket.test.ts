import { expect, test } from "vitest";
import { makeTokenBucket } from "./token-bucket.ts";

test("a burst passes, then the steady rate, and the rest is counted", () => {
  const bucket = makeTokenBucket(3, 2);
  expect([0, 0, 0, 0, 0].map((at) => bucket.take(at))).toEqual([true, true, true, false, false]);
  expect(bucket.heldBack()).toBe(2);
  expect(bucket.take(499)).toBe(false);
  expect(bucket.take(500)).toBe(true);
  expect(bucket.heldBack()).toBe(0);
  expect(bucket.take(501)).toBe(false);
});

test("a pause fills it up to the burst and no further", () => {
  const bucket = makeTokenBucket(2, 1);
  bucket.take(0);
  bucket.take(0);
  expect([3_600_000, 3_600_000, 3_600_000].map((at) => bucket.take(at))).toEqual([true, true, false]);
});

test("what is given back can be taken again, and the burst stays the most", () => {
  const bucket = makeTokenBucket(1, 0.001);
  bucket.giveBack();
  expect([bucket.take(0), bucket.hasMore(0), bucket.take(0)]).toEqual([true, false, false]);
  bucket.giveBack();
  expect([bucket.hasMore(0), bucket.take(0), bucket.take(0)]).toEqual([true, true, false]);
  expect([bucket.hasMore(999_000), bucket.hasMore(1_000_000)]).toEqual([false, true]);
});
