import { parseHolidays } from "@menshen/domain";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type HolidayImport, readHolidayCalendar, readHolidayCsv } from "./holiday-import.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 300);

/** Pieces that calendars are made of, so that runs get past the first line. */
const pieces = fc.array(
  fc.oneof(
    fc.constantFrom(
      "BEGIN:VCALENDAR",
      "END:VCALENDAR",
      "BEGIN:VEVENT",
      "END:VEVENT",
      "DTSTART;VALUE=DATE:20270206",
      "DTEND;VALUE=DATE:20270208",
      "DTSTART:20270206T000000",
      "SUMMARY:春节",
      "CATEGORIES:public",
      " folded",
      "2027-02-06,public,春节",
      '2027-02-07,public,"a,b"',
      "date,kind,name",
      "",
    ),
    fc.string(),
  ),
  { maxLength: 20 },
);

function expectSound(read: HolidayImport): void {
  if (read.ok) expect(parseHolidays(read.holidays)).toEqual(read.holidays);
  else expect(read.problems.length).toBeGreaterThan(0);
}

test("any text gives holidays that the domain takes, or problems", () => {
  fc.assert(
    fc.property(pieces, fc.constantFrom("\n", "\r\n"), (lines, end) => {
      expectSound(readHolidayCsv(lines.join(end)));
      expectSound(readHolidayCalendar(lines.join(end), "public"));
    }),
    { numRuns },
  );
});

test("a long quoted field costs no more than its length", () => {
  const text = `2027-02-06,public,"${'""'.repeat(50_000)}`;
  expect(readHolidayCsv(text).ok).toBe(false);
});
