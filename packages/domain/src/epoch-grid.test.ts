import { expect, test } from "vitest";
import { deadBefore, epochAt, epochDeath, epochEnd, epochStart } from "./epoch-grid.ts";

// 2026-11-22 00:00 in Shanghai.
const grid = { anchorMs: 1_795_276_800_000, epochMs: 2_419_200_000 };

test("an epoch begins where the one before ends", () => {
  expect(epochStart(grid, 1)).toBe(1_795_276_800_000);
  expect(epochEnd(grid, 1)).toBe(1_797_696_000_000);
  expect(epochStart(grid, 2)).toBe(1_797_696_000_000);
});

test.each([
  [1_795_276_799_999, undefined],
  [1_795_276_800_000, 1],
  [1_797_695_999_999, 1],
  [1_797_696_000_000, 2],
])("%i lies in epoch %s", (at, epoch) => {
  expect(epochAt(grid, at)).toBe(epoch);
});

test("an epoch dies its retention after its end", () => {
  expect(epochDeath(grid, 1, 30)).toBe(1_800_288_000_000);
  expect(epochDeath(grid, 1, 0)).toBe(epochEnd(grid, 1));
});

test.each([31, -1, 0.5, Number.NaN])("a retention of %s days is refused", (days) => {
  expect(() => epochDeath(grid, 1, days)).toThrow(expect.objectContaining({ code: "invalid-value" }));
});

test.each([0, -1, 1.5])("there is no epoch %s", (epoch) => {
  expect(() => epochStart(grid, epoch)).toThrow(expect.objectContaining({ code: "invalid-value" }));
});

test.each([
  // In epoch 1; the last moment at which epoch 1 lives; its death; without retention the epoch's end.
  [1_795_276_800_000, 30, 1_795_276_800_000],
  [1_800_287_999_999, 30, 1_795_276_800_000],
  [1_800_288_000_000, 30, 1_797_696_000_000],
  [1_797_696_000_000, 0, 1_797_696_000_000],
  [1_797_695_999_999, 0, 1_795_276_800_000],
])("at %i with %i days, what is from before %i is dead", (now, days, before) => {
  expect(deadBefore(grid, now, days)).toBe(before);
});
