import { DomainError, dayNumberOf, type Holiday, localDateOf, parseHolidays } from "@menshen/domain";

/** What came of a calendar; each problem names its line and what was expected there, never more of its text. */
export type HolidayImport =
  | { readonly ok: true; readonly holidays: readonly Holiday[] }
  | { readonly ok: false; readonly problems: readonly { readonly line: number; readonly message: string }[] };

type Problem = { readonly line: number; readonly message: string };

/** An event may span this many days; a longer one is a mistake. */
const MOST_DAYS = 60;
const MOST_PROBLEMS = 20;

/**
 * Reads lines `date,kind,name`; a first line `date,kind,name`, empty lines and lines from `#` are skipped. A name with
 * a comma stands in double quotes, a double quote in it twice.
 */
export function readHolidayCsv(text: string): HolidayImport {
  const holidays: (Holiday & { readonly line: number })[] = [];
  const problems: Problem[] = [];
  for (const [index, raw] of text
    .replace(/^\ufeff/, "")
    .split(/\r?\n/)
    .entries()) {
    const line = index + 1;
    const content = raw.trim();
    if (content === "" || content.startsWith("#") || (index === 0 && /^date\s*,/i.test(content))) continue;
    const fields = splitCsvLine(content);
    const [date, kind, name] = fields ?? [];
    if (date === undefined || kind === undefined || name === undefined || fields?.length !== 3) {
      problems.push({ line, message: "expected date,kind,name" });
    } else {
      holidays.push({ date, kind, name, line });
    }
  }
  return finish(holidays, problems);
}

/**
 * Reads the all-day events of an iCalendar object (RFC 5545): DTSTART;VALUE=DATE, DTEND (exclusive) or one day, SUMMARY
 * as name, the first of CATEGORIES as kind if it looks like one, else `defaultKind`. Events with a time of day and
 * repeating events are refused: a holiday calendar lists its days.
 */
export function readHolidayCalendar(text: string, defaultKind: string): HolidayImport {
  const holidays: (Holiday & { readonly line: number })[] = [];
  const problems: Problem[] = [];
  let event: Map<string, { readonly value: string; readonly line: number }> | undefined;
  let eventLine = 0;
  let begun = false;
  for (const { content, line } of unfold(text)) {
    const property = /^([A-Za-z-]+)((?:;[^:]*)?):(.*)$/s.exec(content);
    if (property === null) {
      if (content.trim() !== "") problems.push({ line, message: "expected NAME:VALUE" });
      continue;
    }
    const [, rawName = "", parameters = "", value = ""] = property;
    const name = rawName.toUpperCase();
    if (name === "BEGIN" && value.toUpperCase() === "VCALENDAR") begun = true;
    else if (name === "BEGIN" && value.toUpperCase() === "VEVENT") {
      event = new Map();
      eventLine = line;
    } else if (name === "END" && value.toUpperCase() === "VEVENT" && event !== undefined) {
      addEvent(event, eventLine);
      event = undefined;
    } else if (event !== undefined && !event.has(name)) {
      const isTime = (name === "DTSTART" || name === "DTEND") && !/;VALUE=DATE(;|$)/i.test(parameters);
      event.set(isTime && value.includes("T") ? `${name}-WITH-TIME` : name, { value, line });
    }
  }
  if (!begun) problems.push({ line: 1, message: "expected BEGIN:VCALENDAR" });
  if (event !== undefined) problems.push({ line: eventLine, message: "expected END:VEVENT" });
  return finish(holidays, problems);

  function addEvent(fields: NonNullable<typeof event>, line: number): void {
    const start = dayOf(fields.get("DTSTART")?.value);
    if (start === undefined || fields.has("RRULE") || fields.has("RDATE")) {
      problems.push({ line, message: "expected an all-day event that does not repeat" });
      return;
    }
    const endField = fields.get("DTEND");
    const end = endField === undefined ? start + 1 : dayOf(endField.value);
    if (end === undefined || end <= start || end - start > MOST_DAYS) {
      problems.push({ line, message: `expected an end 1 to ${MOST_DAYS} days after the start` });
      return;
    }
    const name = unescapeText(fields.get("SUMMARY")?.value ?? "").trim();
    const category = (fields.get("CATEGORIES")?.value ?? "").split(",")[0]?.trim().toLowerCase() ?? "";
    const kind = /^[a-z0-9][a-z0-9-]*$/.test(category) ? category : defaultKind;
    for (let day = start; day < end; day += 1) holidays.push({ date: localDateOf(day), kind, name, line });
  }
}

function finish(
  holidays: readonly (Holiday & { readonly line: number })[],
  problems: readonly Problem[],
): HolidayImport {
  const all = [...problems];
  const seen = new Map<string, number>();
  const good: Holiday[] = [];
  for (const { line, ...holiday } of holidays) {
    const before = seen.get(holiday.date);
    if (before !== undefined) {
      all.push({ line, message: `this date stands in line ${before} too` });
      continue;
    }
    seen.set(holiday.date, line);
    try {
      good.push(...parseHolidays([holiday]));
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      all.push({ line, message: "expected a real date YYYY-MM-DD, a kind in lower-case words, and a name" });
    }
  }
  if (all.length > 0) return { ok: false, problems: all.slice(0, MOST_PROBLEMS) };
  return { ok: true, holidays: parseHolidays(good) };
}

function splitCsvLine(line: string): readonly string[] | undefined {
  const fields: string[] = [];
  let rest = line;
  for (;;) {
    const quoted = /^\s*"((?:[^"]|"")*)"\s*(,|$)/.exec(rest);
    const plain = quoted ?? /^([^",]*)(,|$)/.exec(rest);
    if (plain === null) return undefined;
    const value = (plain[1] ?? "").trim();
    fields.push(quoted === null ? value : value.replaceAll('""', '"'));
    if (plain[2] === "") return fields;
    rest = rest.slice(plain[0].length);
  }
}

/** Joins folded lines (RFC 5545 §3.1: a line that begins with a blank continues the one before). */
function unfold(text: string): readonly { readonly content: string; readonly line: number }[] {
  const lines: { content: string; line: number }[] = [];
  for (const [index, raw] of text
    .replace(/^\ufeff/, "")
    .split(/\r?\n/)
    .entries()) {
    const last = lines.at(-1);
    if (/^[ \t]/.test(raw) && last !== undefined) last.content += raw.slice(1);
    else lines.push({ content: raw, line: index + 1 });
  }
  return lines;
}

function dayOf(value: string | undefined): number | undefined {
  const parts = /^(\d{4})(\d{2})(\d{2})$/.exec(value ?? "");
  if (parts === null) return undefined;
  try {
    return dayNumberOf(`${parts[1]}-${parts[2]}-${parts[3]}`);
  } catch {
    // Digits that are no date; the caller says so with the line.
    return undefined;
  }
}

/** RFC 5545 §3.3.11. */
function unescapeText(text: string): string {
  return text.replace(/\\([\\;,nN])/g, (_, character: string) => (/n/i.test(character) ? " " : character));
}
