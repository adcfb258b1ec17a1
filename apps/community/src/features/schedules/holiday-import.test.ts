import { describe, expect, test } from "vitest";
import { readHolidayCalendar, readHolidayCsv } from "./holiday-import.ts";

describe("CSV", () => {
  test("takes lines date,kind,name, in any order, with heading, comments and quotes", () => {
    const text = `\ufeffdate,kind,name\r\n# 国务院办公厅\r\n2027-02-06,public,春节\n\n2027-02-07 , make-up-workday , "调休, ""上班"""\n`;
    expect(readHolidayCsv(text)).toEqual({
      ok: true,
      holidays: [
        { date: "2027-02-06", kind: "public", name: "春节" },
        { date: "2027-02-07", kind: "make-up-workday", name: '调休, "上班"' },
      ],
    });
  });
});

describe("iCalendar", () => {
  test("takes all-day events: folded lines, several days, categories, escapes", () => {
    const text = [
      "BEGIN:VCALENDAR",
      "VERSION:2.0",
      "BEGIN:VEVENT",
      "DTSTART;VALUE=DATE:20271001",
      "DTEND;VALUE=DATE:20271003",
      "SUMMARY:国庆节\\, 放",
      " 假",
      "END:VEVENT",
      "BEGIN:VEVENT",
      "DTSTART;VALUE=DATE:20271010",
      "SUMMARY:调休",
      "CATEGORIES:make-up-workday,other",
      "END:VEVENT",
      "END:VCALENDAR",
    ].join("\r\n");
    expect(readHolidayCalendar(text, "public")).toEqual({
      ok: true,
      holidays: [
        { date: "2027-10-01", kind: "public", name: "国庆节, 放假" },
        { date: "2027-10-02", kind: "public", name: "国庆节, 放假" },
        { date: "2027-10-10", kind: "make-up-workday", name: "调休" },
      ],
    });
  });
});
