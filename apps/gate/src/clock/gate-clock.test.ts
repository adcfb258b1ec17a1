import { Instant } from "@menshen/domain";
import { describe, expect, test } from "vitest";
import type { ClockSource } from "./clock-source.ts";
import { makeGateClock, type SavedClock } from "./gate-clock.ts";

const T0 = 1_800_000_000_000;
const DAY_MS = 86_400_000;

function machine(wallMs: number, monotonicMs: number, bootId = "boot-1", wallSurvivesPowerOff = true) {
  const at = { wallMs, monotonicMs };
  const source: ClockSource = {
    wallMs: () => at.wallMs,
    monotonicMs: () => at.monotonicMs,
    bootId,
    wallSurvivesPowerOff,
    schedule: () => () => undefined,
  };
  const pass = (ms: number) => {
    at.wallMs += ms;
    at.monotonicMs += ms;
  };
  return { source, at, pass };
}

const saved: SavedClock = {
  bootId: "boot-1",
  wallMs: T0,
  monotonicMs: 1_000,
  earliestMs: T0 - 5,
  latestMs: T0 + 5,
};

describe("start", () => {
  test("a gate that never ran knows only that it is after the program was made", () => {
    const { source } = machine(T0, 0);
    const clock = makeGateClock({ source, driftPpm: 100 });
    expect(clock.start).toBe("first");
    expect(clock.now().earliest).toBe(1_767_225_600_000);
    expect(clock.now().latest).toBeGreaterThan(T0 + 365 * DAY_MS);
  });

  test("a restarted process goes on by the monotonic clock, whatever the wall clock says", () => {
    const { source } = machine(T0 - 365 * DAY_MS, 1_000 + DAY_MS);
    const clock = makeGateClock({ source, saved, driftPpm: 100 });
    expect(clock.start).toBe("continued");
    // A day at 100 ppm is 8.64 s.
    expect(clock.now()).toEqual({ earliest: T0 - 5 + DAY_MS - 8_640, latest: T0 + 5 + DAY_MS + 8_640 });
  });

  test("a power-off of an hour is bridged by the battery-backed clock, within 2 s and drift", () => {
    const { source } = machine(T0 + 3_600_000, 10, "boot-2");
    const clock = makeGateClock({ source, saved, driftPpm: 100 });
    expect(clock.start).toBe("carried");
    expect(clock.now()).toEqual({
      earliest: T0 - 5 + 3_600_000 - 360 - 2_000,
      latest: T0 + 5 + 3_600_000 + 360 + 2_000,
    });
  });

  test("a wall clock a year back leaves only: after the last save", () => {
    const { source } = machine(T0 - 365 * DAY_MS, 10, "boot-2");
    const clock = makeGateClock({ source, saved, driftPpm: 100 });
    expect(clock.start).toBe("doubtful");
    expect(clock.now().earliest).toBe(T0 - 5);
    expect(clock.now().latest).toBeGreaterThan(T0 + 10 * 365 * DAY_MS);
  });

  test("a wall clock a year ahead leaves the whole year possible", () => {
    const { source } = machine(T0 + 365 * DAY_MS, 10, "boot-2");
    const clock = makeGateClock({ source, saved, driftPpm: 100 });
    expect(clock.start).toBe("doubtful");
    expect(clock.now().earliest).toBe(T0 - 5);
    expect(clock.now().latest).toBeGreaterThanOrEqual(T0 + 365 * DAY_MS);
  });

  test("without a battery-backed clock a reboot is doubtful", () => {
    const { source } = machine(T0 + 1_000, 10, "boot-2", false);
    expect(makeGateClock({ source, saved, driftPpm: 100 }).start).toBe("doubtful");
  });

  test("never before the last journal entry", () => {
    const { source } = machine(T0, 1_000);
    const clock = makeGateClock({ source, saved, driftPpm: 100, floorMs: T0 + 60_000 });
    expect(clock.now()).toEqual({ earliest: T0 + 60_000, latest: T0 + 60_000 });
  });
});

describe("running", () => {
  test("doubt grows with the drift bound and an answer of the server narrows it to the round trip", () => {
    const { source, pass } = machine(T0, 1_000);
    const clock = makeGateClock({ source, saved, driftPpm: 100 });
    pass(100 * DAY_MS);
    expect(clock.now().latest - clock.now().earliest).toBe(10 + 2 * 864_000);
    const sent = clock.monotonicMs();
    pass(80);
    const answer = clock.discipline(Instant(T0 + 100 * DAY_MS + 300_000), sent);
    expect(answer).toMatchObject({ disagreed: false, beforeJournal: false, roundTripMs: 80 });
    expect(clock.now()).toEqual({
      earliest: T0 + 100 * DAY_MS + 300_000,
      latest: T0 + 100 * DAY_MS + 300_000 + 81,
    });
    expect(clock.sinceDisciplineMs()).toBe(0);
  });

  test("a server that disagrees is believed, and that it disagreed is said", () => {
    const { source, pass } = machine(T0, 1_000);
    const clock = makeGateClock({ source, saved, driftPpm: 100 });
    const sent = clock.monotonicMs();
    pass(10);
    const answer = clock.discipline(Instant(T0 + 3_600_000), sent);
    expect(answer).toMatchObject({ disagreed: true, beforeJournal: false });
    expect(Math.round(answer.movedMs / 1_000)).toBe(3_600);
    expect(clock.now().earliest).toBe(T0 + 3_600_000);
  });

  test("a server time before the journal leaves the gap as doubt", () => {
    const { source } = machine(T0, 1_000);
    const clock = makeGateClock({ source, saved, driftPpm: 100, floorMs: T0 });
    const answer = clock.discipline(Instant(T0 - 50_000), clock.monotonicMs());
    expect(answer.beforeJournal).toBe(true);
    expect(clock.now()).toEqual({ earliest: T0, latest: T0 + 50_000 });
  });

  test("a step of the system clock is noticed once and not followed", () => {
    const { source, at, pass } = machine(T0, 1_000);
    const clock = makeGateClock({ source, saved, driftPpm: 100 });
    expect(clock.takeStepMs()).toBeUndefined();
    at.wallMs -= 7_200_000;
    pass(1_000);
    expect(clock.takeStepMs()).toBe(-7_200_000);
    expect(clock.takeStepMs()).toBeUndefined();
    expect(clock.now().earliest).toBe(T0 - 5 + 999);
    for (let i = 0; i < 100; i++) {
      pass(10_000);
      at.wallMs += 500;
      expect(clock.takeStepMs()).toBeUndefined();
    }
  });

  test("an entry raises the floor", () => {
    const { source } = machine(T0, 1_000);
    const clock = makeGateClock({ source, saved, driftPpm: 100 });
    clock.raiseFloor(Instant(T0 + 3));
    clock.raiseFloor(Instant(T0 + 1));
    expect(clock.now()).toEqual({ earliest: T0 + 3, latest: T0 + 5 });
  });

  test("what is saved continues the same clock", () => {
    const { source, pass } = machine(T0, 1_000);
    const first = makeGateClock({ source, saved, driftPpm: 100 });
    pass(5_000);
    const next = makeGateClock({ source, saved: first.saved(), driftPpm: 100 });
    expect(next.now()).toEqual(first.now());
  });
});
