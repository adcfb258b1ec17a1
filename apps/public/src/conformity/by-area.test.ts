import type { ConformityItem } from "@menshen/wire";
import { expect, test } from "vitest";
import { byArea } from "./by-area.ts";

const rule = (id: string): ConformityItem => ({
  id,
  articles: "",
  behaviour: { "zh-CN": "", en: "" },
  state: "kept",
  since: 0,
  tests: [],
});

test("rules stand by area, and within one by number", () => {
  const areas = byArea(["V4", "V1", "K10", "K2"].map(rule));
  expect([...areas].map(([letter, rows]) => [letter, rows.map(({ id }) => id)])).toEqual([
    ["V", ["V1", "V4"]],
    ["K", ["K2", "K10"]],
  ]);
});

test("no rule, no area", () => {
  expect(byArea([]).size).toBe(0);
});
