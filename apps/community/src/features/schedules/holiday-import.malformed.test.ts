import { describe, expect, test } from "vitest";
import { readHolidayCalendar, readHolidayCsv } from "./holiday-import.ts";

describe("CSV refuses", () => {
  test.each([
    ["too few fields", "2027-02-06,public", 1],
    ["too many fields", "2027-02-06,public,春节,x", 1],
    ["a date that is none", "2027-02-30,public,x", 1],
    ["a date in another form", "06.02.2027,public,x", 1],
    ["a kind in capitals", "2027-02-06,Public,x", 1],
    ["an empty name", "2027-02-06,public,", 1],
    ["a quote that does not end", '2027-02-06,public,"x', 1],
    ["text after a quote", '2027-02-06,public,"x"y', 1],
    ["a date that stands twice", "2027-02-06,public,a\n2027-02-06,public,b", 2],
    ["a heading in the middle", "2027-02-06,public,a\ndate,kind,name", 2],
    ["a name of 201 characters", `2027-02-06,public,${"x".repeat(201)}`, 1],
  ])("%s", (_, text, line) => {
    const read = readHolidayCsv(text);
    expect(read).toMatchObject({ ok: false, problems: [{ line }] });
  });

  test("with at most twenty problems, and none of its text", () => {
    const read = readHolidayCsv("secret\n".repeat(1_000));
    expect(read.ok ? [] : read.problems).toHaveLength(20);
    expect(JSON.stringify(read)).not.toContain("secret");
  });
});

const event = (...lines: string[]) =>
  ["BEGIN:VCALENDAR", "BEGIN:VEVENT", ...lines, "END:VEVENT", "END:VCALENDAR"].join("\n");

describe("iCalendar refuses", () => {
  test.each([
    ["text that is no calendar", "hello"],
    ["nothing but events", "BEGIN:VEVENT\nDTSTART;VALUE=DATE:20270206\nSUMMARY:x\nEND:VEVENT"],
    ["an event that does not end", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20270206"],
    ["an event with a time of day", event("DTSTART:20270206T080000Z", "SUMMARY:x")],
    ["an event without a start", event("SUMMARY:x")],
    ["a repeating event", event("DTSTART;VALUE=DATE:20270206", "RRULE:FREQ=YEARLY", "SUMMARY:x")],
    [
      "an end before the start",
      event("DTSTART;VALUE=DATE:20270206", "DTEND;VALUE=DATE:20270206", "SUMMARY:x"),
    ],
    ["a year of days", event("DTSTART;VALUE=DATE:20270101", "DTEND;VALUE=DATE:20280101", "SUMMARY:x")],
    ["a date that is none", event("DTSTART;VALUE=DATE:20270230", "SUMMARY:x")],
    ["an event without a name", event("DTSTART;VALUE=DATE:20270206")],
    ["a line without a colon", event("DTSTART;VALUE=DATE:20270206", "SUMMARY:x", "rubbish")],
  ])("%s", (_, text) => {
    expect(readHolidayCalendar(text, "public").ok).toBe(false);
  });

  test("two events on one day", () => {
    const day = "BEGIN:VEVENT\nDTSTART;VALUE=DATE:20270206\nSUMMARY:x\nEND:VEVENT";
    expect(readHolidayCalendar(`BEGIN:VCALENDAR\n${day}\n${day}\nEND:VCALENDAR`, "public")).toMatchObject({
      ok: false,
      problems: [{ line: 6 }],
    });
  });
});
