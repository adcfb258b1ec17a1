import { describe, expect, test } from "vitest";
import { parseDayWindows, parseHolidays, parseSchedule, parseWeeklyWindows } from "./index.ts";

const ID = "0197a1b2-0000-7000-8000-000000000001";

describe("parseSchedule", () => {
  test("accepts a schedule and sorts its windows and dates", () => {
    const schedule = parseSchedule({
      id: ID,
      name: "Office hours",
      weekly: [
        { weekday: 2, startMinute: 780, endMinute: 1080 },
        { weekday: 1, startMinute: 780, endMinute: 1080 },
        { weekday: 1, startMinute: 480, endMinute: 720 },
      ],
      holidays: [{ kind: "public", windows: [] }],
      exceptions: [
        { date: "2027-02-05", windows: [{ startMinute: 0, endMinute: 1440 }] },
        { date: "2026-12-31", windows: [] },
      ],
      colour: "left out",
    });
    expect(schedule).toEqual({
      id: ID,
      name: "Office hours",
      weekly: [
        { weekday: 1, startMinute: 480, endMinute: 720 },
        { weekday: 1, startMinute: 780, endMinute: 1080 },
        { weekday: 2, startMinute: 780, endMinute: 1080 },
      ],
      holidays: [{ kind: "public", windows: [] }],
      exceptions: [
        { date: "2026-12-31", windows: [] },
        { date: "2027-02-05", windows: [{ startMinute: 0, endMinute: 1440 }] },
      ],
    });
  });

  test("windows may touch", () => {
    expect(
      parseDayWindows([
        { startMinute: 720, endMinute: 1440 },
        { startMinute: 0, endMinute: 720 },
      ]),
    ).toHaveLength(2);
  });
});

const good = { id: ID, name: "s", weekly: [], holidays: [], exceptions: [] };
const day = (startMinute: unknown, endMinute: unknown) => ({ startMinute, endMinute });

describe("parseSchedule refuses", () => {
  test.each([
    ["null", null],
    ["a list", []],
    ["no weekly windows", { ...good, weekly: undefined }],
    ["an empty name", { ...good, name: "" }],
    ["a long name", { ...good, name: "x".repeat(201) }],
    ["weekday 0", { ...good, weekly: [{ weekday: 0, ...day(1, 2) }] }],
    ["weekday 8", { ...good, weekly: [{ weekday: 8, ...day(1, 2) }] }],
    ["a weekday in words", { ...good, weekly: [{ weekday: "1", ...day(1, 2) }] }],
    ["a negative start", { ...good, weekly: [{ weekday: 1, ...day(-1, 2) }] }],
    ["an end past midnight", { ...good, weekly: [{ weekday: 1, ...day(0, 1441) }] }],
    ["half a minute", { ...good, weekly: [{ weekday: 1, ...day(0.5, 2) }] }],
    ["NaN", { ...good, weekly: [{ weekday: 1, ...day(Number.NaN, 2) }] }],
    ["an empty window", { ...good, weekly: [{ weekday: 1, ...day(60, 60) }] }],
    ["a window backwards", { ...good, weekly: [{ weekday: 1, ...day(120, 60) }] }],
    [
      "windows that overlap on one weekday",
      {
        ...good,
        weekly: [
          { weekday: 1, ...day(60, 121) },
          { weekday: 1, ...day(120, 180) },
        ],
      },
    ],
    ["a date that is none", { ...good, exceptions: [{ date: "2027-02-29", windows: [] }] }],
    ["a date in another form", { ...good, exceptions: [{ date: "2027-2-3", windows: [] }] }],
    ["a date with a time", { ...good, exceptions: [{ date: "2027-02-03T00:00", windows: [] }] }],
    [
      "a date that stands twice",
      {
        ...good,
        exceptions: [
          { date: "2027-02-03", windows: [] },
          { date: "2027-02-03", windows: [day(1, 2)] },
        ],
      },
    ],
    [
      "a holiday kind that stands twice",
      {
        ...good,
        holidays: [
          { kind: "public", windows: [] },
          { kind: "public", windows: [] },
        ],
      },
    ],
    ["a holiday kind with spaces", { ...good, holidays: [{ kind: "Public Holiday", windows: [] }] }],
    ["more windows than a day can need", { ...good, weekly: Array(400).fill({ weekday: 1, ...day(1, 2) }) }],
  ])("%s", (_name, value) => {
    expect(() => parseSchedule(value)).toThrowError(expect.objectContaining({ code: "invalid-schedule" }));
  });

  test("an id that is no UUID, with the id's own code", () => {
    expect(() => parseSchedule({ ...good, id: "1" })).toThrowError(
      expect.objectContaining({ code: "invalid-id" }),
    );
  });
});

describe("parseHolidays", () => {
  test("sorts by date", () => {
    const holidays = [
      { date: "2027-02-06", kind: "public", name: "春节" },
      { date: "2027-01-01", kind: "public", name: "元旦" },
    ];
    expect(parseHolidays(holidays).map((holiday) => holiday.date)).toEqual(["2027-01-01", "2027-02-06"]);
  });

  test("refuses two kinds on one date, since the date would have two rules", () => {
    const holidays = [
      { date: "2027-02-06", kind: "public", name: "a" },
      { date: "2027-02-06", kind: "make-up-workday", name: "b" },
    ];
    expect(() => parseHolidays(holidays)).toThrowError(expect.objectContaining({ code: "invalid-schedule" }));
  });

  test("messages never carry a name", () => {
    try {
      parseHolidays([{ date: "2027-02-06", kind: "public", name: ["Grandmother Li"] }]);
      expect.unreachable();
    } catch (error) {
      expect(String(error)).not.toContain("Li");
    }
  });
});

test("parseWeeklyWindows allows equal windows on different weekdays", () => {
  expect(
    parseWeeklyWindows([
      { weekday: 7, startMinute: 0, endMinute: 1440 },
      { weekday: 1, startMinute: 0, endMinute: 1440 },
    ]).map((window) => window.weekday),
  ).toEqual([1, 7]);
});
