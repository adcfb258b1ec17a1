import { expect, test } from "vitest";
import { areaDm2, areaText } from "./area.ts";

test.each([
  ["30000", 3_000_000],
  ["30000.01", 3_000_001],
  [" 30,000.1 ", 3_000_010],
  ["0.07", 7],
  ["999999999999.99", 99_999_999_999_999],
])("`%s` square metres are %d square decimetres", (text, expected) => {
  expect(areaDm2(text)).toBe(expected);
});

test.each(["", "-1", "1.234", "1e3", "12 m2", ".5", "1.", "9999999999999"])("`%s` is no area", (text) => {
  expect(areaDm2(text)).toBeUndefined();
});

test.each([
  [3_000_000, "30000"],
  [3_000_001, "30000.01"],
  [10, "0.10"],
])("%d square decimetres are read as %s", (dm2, expected) => {
  expect(areaText(dm2)).toBe(expected);
});
