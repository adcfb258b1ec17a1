import { expect, test } from "vitest";
import type { TrailEntry } from "../device/device-store.ts";
import { groupDays } from "./group-days.ts";

const entry = (id: string, at: string): TrailEntry => ({
  id,
  at: Date.parse(at),
  accessPointId: "x",
  kind: "desfire",
  granted: true,
  reason: "rule-allows",
  keyStart: "00",
});

test("a day is the community's, not the device's", () => {
  const dayOf = (at: number) =>
    new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai", dateStyle: "short" }).format(at);
  const entries = [
    entry("late", "2026-11-23T15:59:00Z"),
    entry("early", "2026-11-22T16:01:00Z"),
    entry("before", "2026-11-22T15:59:00Z"),
  ];
  expect(groupDays(entries, dayOf).map(({ day, entries: of }) => [day, of.map(({ id }) => id)])).toEqual([
    ["2026-11-23", ["late", "early"]],
    ["2026-11-22", ["before"]],
  ]);
});
