import { expect, test } from "vitest";
import { seededRandom } from "./random.ts";

test("the same seed gives the same numbers, another seed others", () => {
  const first = seededRandom("海棠苑");
  const again = seededRandom("海棠苑");
  const other = seededRandom("银杏园");
  const take = (random: typeof first) => Array.from({ length: 5 }, () => random.integer(1_000_000));
  const numbers = take(first);
  expect(take(again)).toEqual(numbers);
  expect(take(other)).not.toEqual(numbers);
});

test("a branch does not depend on how far its parent has come", () => {
  const fresh = seededRandom("seed").branch("cards");
  const parent = seededRandom("seed");
  parent.bytes(100);
  expect(parent.branch("cards").bytes(8)).toEqual(fresh.bytes(8));
});

test("numbers spread evenly and around its mean", () => {
  const random = seededRandom("spread");
  const buckets = [0, 0, 0, 0];
  for (let index = 0; index < 40_000; index++) {
    const bucket = random.integer(4);
    buckets[bucket] = (buckets[bucket] ?? 0) + 1;
  }
  for (const count of buckets) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  let sum = 0;
  for (let index = 0; index < 10_000; index++) sum += random.around(450, 20);
  expect(Math.abs(sum / 10_000 - 450)).toBeLessThan(1);
});
