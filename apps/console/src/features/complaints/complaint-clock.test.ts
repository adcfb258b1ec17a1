import { expect, test } from "vitest";
import { complaintClock } from "./complaint-clock.ts";

const BY = 1_796_227_200_000;
const HOUR = 3_600_000;
const open = { state: "open", answerBy: BY, reminders: 0, late: false } as const;

test.each([
  [open, BY - 264 * HOUR, "left", 10, "quiet"],
  [open, BY - 254 * HOUR, "left", 10, "quiet"],
  [{ ...open, reminders: 1 }, BY - 121 * HOUR, "reminded", 5, "refused"],
  [{ ...open, reminders: 2 }, BY - 49 * HOUR, "urgent", 2, "alarm"],
  [{ ...open, reminders: 2 }, BY - 24 * HOUR, "today", 0, "alarm"],
  [open, BY - 1, "today", 0, "alarm"],
  [open, BY, "late", 1, "alarm"],
  [{ ...open, late: true }, BY + 25 * HOUR, "late", 2, "alarm"],
  [{ ...open, state: "answered" as const, late: true }, BY + 25 * HOUR, "waits", 0, "quiet"],
  [{ ...open, state: "closed" as const }, BY, "judged", 0, "granted"],
] as const)("%o at %i is %s", (complaint, now, name, days, tone) => {
  expect(complaintClock(complaint, now)).toEqual({ name, days, tone });
});
