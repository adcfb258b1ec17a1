import { expect, test } from "vitest";
import { CITY_START_MS, type CityCommunity, lifeStatistics, simulateCommunity } from "./index.ts";

const HOUR = 3_600_000;

test("counts outings, whoever stayed in, first hours and time away, and leaves copies out", () => {
  const base = simulateCommunity({ seed: "counted by hand", cards: 2, days: 1 });
  const tap = (day: number, hour: number, accessPoint: string, card: number, byCopy = 0) => ({
    card,
    byCopy,
    event: { at: CITY_START_MS + (day * 24 + hour) * HOUR, accessPoint, result: "granted" },
  });
  const taps = [
    // Monday: the first card leaves at eight, taps twice, and is back at six; the second stays in, and its copy goes out.
    tap(0, 8, "east-gate-1-out", 0),
    tap(0, 8.01, "east-gate-1-out", 0),
    tap(0, 18, "east-garage-in", 0),
    tap(0, 18.1, "east-building-1-in", 0),
    tap(0, 10, "east-gate-1-out", 1, 1),
    // Saturday: both go out, the second one twice; one comes back without a tap.
    tap(5, 10, "east-gate-2-out", 0),
    tap(5, 11, "east-gate-2-out", 1),
    tap(5, 12, "east-gate-2-in", 1),
    tap(5, 15, "east-gate-2-out", 1),
    tap(5, 16.5, "east-gate-2-in", 1),
    // Sunday night: nobody; then a Monday that ends what is counted.
    tap(7, 6, "east-gate-1-out", 1),
  ];
  const community = {
    ...base,
    events: taps.map(({ event }) => event),
    truth: { ...base.truth, card: taps.map(({ card }) => card), byCopy: taps.map(({ byCopy }) => byCopy) },
  } as unknown as CityCommunity;
  const found = lifeStatistics(community);
  // Six working days of two cards, of which one left twice in all.
  expect(found.outings).toEqual({ workday: 2 / 12, saturday: 3 / 2, sunday: 0 });
  expect(found.stayedIn).toEqual({ workday: 10 / 12, saturday: 0, sunday: 1 });
  expect(found.firstFrom7To9).toBe(1 / 2);
  expect(found.hoursAway.workday).toBeCloseTo(9.99 / 12);
  expect(found.hoursAway.saturday).toBeCloseTo(2.5 / 2);
});

test("the simulated life is near what surveys of travel found", () => {
  const { outings, stayedIn, firstFrom7To9 } = lifeStatistics(
    simulateCommunity({ seed: "surveyed", cards: 300, days: 43 }),
  );
  // docs/detection.md, "The life that is simulated": 2.6 to 2.75 trips, of which an outing has two or more; 12 % stay in.
  expect(2 * outings.workday).toBeGreaterThan(2);
  expect(2 * outings.workday).toBeLessThan(2.75);
  expect(stayedIn.workday).toBeGreaterThan(0.07);
  expect(stayedIn.workday).toBeLessThan(0.17);
  expect(stayedIn.saturday).toBeGreaterThan(stayedIn.workday);
  expect(firstFrom7To9).toBeGreaterThan(0.4);
});
