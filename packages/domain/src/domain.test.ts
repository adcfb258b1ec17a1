import { describe, expect, test } from "vitest";
import {
  CREDENTIAL_KINDS,
  CredentialKey,
  Duration,
  dayNumberOf,
  GateId,
  gradeRank,
  Instant,
  localDateOf,
  meetsGrade,
  parseAccessRule,
  parseGrade,
  parseLocalDate,
  parseValidity,
  TimeInterval,
  wayInOf,
  weakestGrade,
  weekdayOf,
} from "./index.ts";

const code = (expected: string) => expect.objectContaining({ code: expected });

describe("ids", () => {
  test("a lower-case UUID passes unchanged", () => {
    expect(GateId("0197a1b2-0000-7000-8000-000000000001")).toBe("0197a1b2-0000-7000-8000-000000000001");
  });

  test.each([
    ["empty", ""],
    ["upper case", "0197A1B2-0000-7000-8000-000000000001"],
    ["braces", "{0197a1b2-0000-7000-8000-000000000001}"],
    ["trailing newline", "0197a1b2-0000-7000-8000-000000000001\n"],
    ["too short", "0197a1b2-0000-7000-8000-00000000001"],
  ])("%s is refused", (_name, text) => {
    expect(() => GateId(text)).toThrowError(code("invalid-id"));
  });
});

describe("grades", () => {
  test("rank from A, best, to E", () => {
    expect(["A", "B", "C", "D", "E"].map((letter) => gradeRank(parseGrade(letter)))).toEqual([0, 1, 2, 3, 4]);
  });

  test.each(["", "a", "F", "AA"])("`%s` is no grade", (text) => {
    expect(() => parseGrade(text)).toThrowError(code("invalid-grade"));
  });

  test("an opening is as weak as its weakest part", () => {
    expect(weakestGrade("A", "C", "B")).toBe("C");
    expect(weakestGrade("D")).toBe("D");
  });

  test("B meets C and B, not A", () => {
    expect([meetsGrade("B", "C"), meetsGrade("B", "B"), meetsGrade("B", "A")]).toEqual([true, true, false]);
  });
});

describe("credentials", () => {
  test("every kind is some way in, but a plate: it is a vehicle's", () => {
    expect(CREDENTIAL_KINDS.map(wayInOf)).toEqual([
      ...["card", "card", "card", "card", "card"],
      ...["pin", "phone", "pass", "face", "card", "phone", undefined],
    ]);
  });

  test.each([0, 15, 17])("a key of %i bytes is refused", (length) => {
    expect(() => CredentialKey(new Uint8Array(length))).toThrowError(code("invalid-bytes"));
  });
});

describe("time", () => {
  test.each([0.5, Number.NaN, Number.POSITIVE_INFINITY, 8.64e15 + 1, -8.64e15 - 1])(
    "%d is no instant",
    (ms) => {
      expect(() => Instant(ms)).toThrowError(code("invalid-time"));
    },
  );

  test("durations are whole milliseconds", () => {
    expect([Duration.seconds(1.5), Duration.minutes(2), Duration.hours(1), Duration.days(1)]).toEqual([
      1_500, 120_000, 3_600_000, 86_400_000,
    ]);
    expect(() => Duration.ms(Number.NaN)).toThrowError(code("invalid-time"));
  });

  test("an interval may be one instant, never reversed", () => {
    expect(TimeInterval(Instant(5), Instant(5))).toEqual({ earliest: 5, latest: 5 });
    expect(() => TimeInterval(Instant(6), Instant(5))).toThrowError(code("invalid-time"));
  });

  test("validity is half-open and needs its ends in order", () => {
    expect(parseValidity({ from: 1, until: undefined })).toEqual({ from: 1 });
    expect(parseValidity({})).toEqual({});
    for (const value of [null, { from: 2, until: 2 }, { from: 3, until: 2 }, { until: "2" }, { from: 0.5 }]) {
      expect(() => parseValidity(value)).toThrowError(code("invalid-time"));
    }
  });
});

describe("local dates", () => {
  test.each([
    ["1970-01-01", 0, 4],
    ["2024-02-29", 19_782, 4],
    ["2026-11-22", 20_779, 7],
    ["2027-02-06", 20_855, 6],
    ["1969-12-31", -1, 3],
    ["2000-01-03", 10_959, 1],
  ])("%s is day %i, weekday %i", (date, dayNumber, weekday) => {
    expect(dayNumberOf(date)).toBe(dayNumber);
    expect(localDateOf(dayNumber)).toBe(date);
    expect(weekdayOf(dayNumber)).toBe(weekday);
  });

  test.each([
    "2023-02-29",
    "2023-13-01",
    "2023-00-10",
    "2023-04-31",
    "23-04-01",
    "2023-4-1",
    "2023-04-01Z",
    "",
  ])("`%s` is no date", (text) => {
    expect(() => parseLocalDate(text)).toThrowError(code("invalid-schedule"));
  });

  test.each([null, 20_779, new Date(0)])("%s is no text", (value) => {
    expect(() => parseLocalDate(value)).toThrowError(code("invalid-schedule"));
  });

  test.each([0.5, Number.NaN, 2_932_897, -719_529])("%d is no day number", (dayNumber) => {
    expect(() => localDateOf(dayNumber)).toThrowError(code("invalid-schedule"));
  });
});

describe("parseAccessRule", () => {
  const id = (last: number) => `0197a1b2-0000-7000-8000-00000000000${last}`;
  const good = {
    id: id(1),
    name: "Residents",
    who: { roles: ["owner", "tenant", "owner"] },
    where: { areaIds: [id(2)] },
    scheduleId: id(3),
    means: ["desfire"],
    minimumGrade: "C",
    validity: { from: 1 },
    overridesLockdown: false,
  };

  test("accepts a full rule; a value listed twice counts once", () => {
    expect(parseAccessRule(good)).toEqual({ ...good, who: { roles: ["owner", "tenant"] } });
  });

  test("accepts the least rule", () => {
    const least = { id: id(1), name: "r", who: { personIds: [id(4)] }, where: { accessPointIds: [id(5)] } };
    expect(parseAccessRule({ ...least, minimumGrade: "E" })).toEqual({
      ...least,
      minimumGrade: "E",
      validity: {},
    });
  });

  test.each([
    ["no rule", undefined, "invalid-value"],
    ["nobody", { ...good, who: {} }, "invalid-value"],
    ["nowhere", { ...good, where: {} }, "invalid-value"],
    ["an empty list of roles", { ...good, who: { roles: [] } }, "invalid-value"],
    ["an empty list of means", { ...good, means: [] }, "invalid-value"],
    ["a role of another house", { ...good, who: { roles: ["landlord"] } }, "invalid-value"],
    ["means unknown", { ...good, means: ["nfc"] }, "invalid-value"],
    ["an override in words", { ...good, overridesLockdown: "yes" }, "invalid-value"],
    ["a grade unknown", { ...good, minimumGrade: "F" }, "invalid-grade"],
    ["validity reversed", { ...good, validity: { from: 2, until: 1 } }, "invalid-time"],
    ["a foreign id", { ...good, scheduleId: "night" }, "invalid-id"],
  ])("refuses %s", (_name, value, expected) => {
    expect(() => parseAccessRule(value)).toThrowError(code(expected));
  });
});
