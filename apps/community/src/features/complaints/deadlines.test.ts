import { expect, test } from "vitest";
import { answerClock, nextBody } from "./deadlines.ts";

const at = (text: string) => Date.parse(text);
const text = (ms: number) => new Date(ms).toISOString();

test("K1 (Hangzhou 50): ten days of the community's own calendar, the day it came not counted", () => {
  const shanghai = answerClock("Asia/Shanghai", at("2026-11-23T23:59:59.999+08:00"));
  expect(shanghai).toEqual({
    remindFirstAt: at("2026-11-28T00:00:00+08:00"),
    remindAgainAt: at("2026-12-01T00:00:00+08:00"),
    answerBy: at("2026-12-04T00:00:00+08:00"),
  });
  // A millisecond later it is another day, and the whole clock is.
  expect(answerClock("Asia/Shanghai", at("2026-11-24T00:00:00+08:00")).answerBy).toBe(
    at("2026-12-05T00:00:00+08:00"),
  );
});

test("K1 (Hangzhou 50): a change of the clocks neither takes an hour nor gives one", () => {
  // Summer time ends on 2026-10-25 in Berlin: the day has 25 hours.
  expect(text(answerClock("Europe/Berlin", at("2026-10-20T12:00:00+02:00")).answerBy)).toBe(
    "2026-10-30T23:00:00.000Z",
  );
  expect(text(answerClock("Europe/Berlin", at("2026-10-05T12:00:00+02:00")).answerBy)).toBe(
    "2026-10-15T22:00:00.000Z",
  );
});

test("K1 (Hangzhou 50): property, committee, city; never those it is about, and the city always can", () => {
  const all = new Set(["property", "committee", "city"] as const);
  expect(nextBody("property", undefined, all)).toBe("committee");
  expect(nextBody("committee", undefined, all)).toBe("city");
  expect(nextBody("city", undefined, all)).toBeUndefined();
  expect(nextBody("property", "committee", all)).toBe("city");
  expect(nextBody("property", undefined, new Set(["property"]))).toBe("city");
  expect(nextBody("committee", "city", all)).toBeUndefined();
});
