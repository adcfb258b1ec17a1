import { Instant } from "@menshen/domain";
import { describe, expect, test } from "vitest";
import { localTimeAt, zoneTransitions } from "./index.ts";

const instant = (text: string) => Instant(Date.parse(text));
const HOUR = 3_600;

describe("zoneTransitions", () => {
  test("a zone without summer time has one entry", () => {
    expect(
      zoneTransitions("Asia/Shanghai", instant("2026-11-22T00:00Z"), instant("2028-11-22T00:00Z")),
    ).toEqual([{ since: instant("2026-11-22T00:00Z"), offsetSeconds: 8 * HOUR }]);
  });

  test("Berlin changes on the last Sundays of March and October at 01:00 UTC", () => {
    expect(
      zoneTransitions("Europe/Berlin", instant("2026-11-22T00:00Z"), instant("2028-04-01T00:00Z")),
    ).toEqual([
      { since: instant("2026-11-22T00:00Z"), offsetSeconds: HOUR },
      { since: instant("2027-03-28T01:00Z"), offsetSeconds: 2 * HOUR },
      { since: instant("2027-10-31T01:00Z"), offsetSeconds: HOUR },
      { since: instant("2028-03-26T01:00Z"), offsetSeconds: 2 * HOUR },
    ]);
  });

  test("Lord Howe changes by half an hour", () => {
    expect(
      zoneTransitions("Australia/Lord_Howe", instant("2027-01-01T00:00Z"), instant("2028-01-01T00:00Z")),
    ).toEqual([
      { since: instant("2027-01-01T00:00Z"), offsetSeconds: 11 * HOUR },
      { since: instant("2027-04-03T15:00Z"), offsetSeconds: 10.5 * HOUR },
      { since: instant("2027-10-02T15:30Z"), offsetSeconds: 11 * HOUR },
    ]);
  });

  test("Samoa left a whole day out at the end of 2011", () => {
    expect(
      zoneTransitions("Pacific/Apia", instant("2011-12-01T00:00Z"), instant("2012-01-31T00:00Z")),
    ).toEqual([
      { since: instant("2011-12-01T00:00Z"), offsetSeconds: -10 * HOUR },
      { since: instant("2011-12-30T10:00Z"), offsetSeconds: 14 * HOUR },
    ]);
  });

  test("China's summer time of 1986, by its official dates", () => {
    expect(
      zoneTransitions("Asia/Shanghai", instant("1986-01-01T00:00Z"), instant("1987-01-01T00:00Z")),
    ).toEqual([
      { since: instant("1986-01-01T00:00Z"), offsetSeconds: 8 * HOUR },
      { since: instant("1986-05-03T18:00Z"), offsetSeconds: 9 * HOUR },
      { since: instant("1986-09-13T17:00Z"), offsetSeconds: 8 * HOUR },
    ]);
  });

  test("the end is exclusive and a change at the very end is left out", () => {
    const change = instant("2027-03-28T01:00Z");
    expect(zoneTransitions("Europe/Berlin", Instant(change - 1000), change)).toHaveLength(1);
    expect(zoneTransitions("Europe/Berlin", Instant(change - 1000), Instant(change + 1000))).toHaveLength(2);
    expect(zoneTransitions("Europe/Berlin", change, Instant(change + 1))).toEqual([
      { since: change, offsetSeconds: 2 * HOUR },
    ]);
  });

  test("refuses zones that are none and periods without length", () => {
    const [from, until] = [instant("2027-01-01T00:00Z"), instant("2027-01-02T00:00Z")];
    expect(() => zoneTransitions("Mars/Olympus", from, until)).toThrowError(
      expect.objectContaining({ code: "unknown-time-zone" }),
    );
    expect(() => zoneTransitions("UTC", from, from)).toThrowError(
      expect.objectContaining({ code: "invalid-period" }),
    );
    expect(() => zoneTransitions("UTC", until, from)).toThrowError(
      expect.objectContaining({ code: "invalid-period" }),
    );
  });
});

describe("localTimeAt", () => {
  const [from, until] = [instant("2027-03-01T00:00Z"), instant("2027-11-30T00:00Z")];
  const berlin = zoneTransitions("Europe/Berlin", from, until);

  test.each([
    ["2027-03-01T00:00:00Z", { dayNumber: 20_878, weekday: 1, minute: 60 }],
    ["2027-03-28T00:59:59.999Z", { dayNumber: 20_905, weekday: 7, minute: 119 }],
    ["2027-03-28T01:00:00Z", { dayNumber: 20_905, weekday: 7, minute: 180 }],
    ["2027-10-31T00:30:00Z", { dayNumber: 21_122, weekday: 7, minute: 150 }],
    ["2027-10-31T01:30:00Z", { dayNumber: 21_122, weekday: 7, minute: 150 }],
    ["2027-07-31T22:00:00Z", { dayNumber: 21_031, weekday: 7, minute: 0 }],
  ])("%s", (text, expected) => {
    expect(localTimeAt(berlin, until, instant(text))).toEqual(expected);
  });

  test("the table does not reach beyond its ends", () => {
    expect(localTimeAt(berlin, until, Instant(from - 1))).toBeUndefined();
    expect(localTimeAt(berlin, until, until)).toBeUndefined();
    expect(localTimeAt(berlin, until, Instant(until - 1))).toBeDefined();
    expect(localTimeAt([], until, from)).toBeUndefined();
  });
});
