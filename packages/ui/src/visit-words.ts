import { clockText, dateAfter, wallTimeAt, weekdayOfDate } from "./wall-clock.ts";

/** When a visitor's pass holds, in numbers. */
export interface VisitTimes {
  /** Unix milliseconds. */
  readonly from: number;
  /** Exclusive. */
  readonly until: number;
  /** Monday is 1; every day unless told. */
  readonly weekdays?: readonly number[] | undefined;
  /** Local time; all day unless told. */
  readonly windows?: readonly { readonly startMinute: number; readonly endMinute: number }[] | undefined;
  /** As often as the time allows unless told. */
  readonly uses?: number | undefined;
}

/** The same in words. */
export interface VisitWords {
  /** From when to when. */
  readonly span: string;
  /** On which weekdays and at which hours; absent for always. */
  readonly hours?: string;
  readonly uses: string;
}

type Language = "zh-CN" | "en";

const WEEKDAYS: Readonly<Record<Language, readonly string[]>> = {
  "zh-CN": ["周一", "周二", "周三", "周四", "周五", "周六", "周日"],
  en: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
};
const MONTHS = "January February March April May June July August September October November December".split(
  " ",
);
const WORKDAYS = [1, 2, 3, 4, 5];
const WEEKEND = [6, 7];

/**
 * Says when a pass holds, as people say it: "today 14:05 to 20:00", "Tuesdays, 09:00 to 12:00", "once".
 *
 * @param now decides what today is; Unix milliseconds
 * @throws {RangeError} for a time zone that the runtime does not know
 */
export function visitWords(times: VisitTimes, now: number, language: Language, timeZone: string): VisitWords {
  const hours = hoursWords(times, language);
  return {
    span: spanWords(times, now, language, timeZone),
    ...(hours === "" ? {} : { hours }),
    uses: usesWords(times.uses, language),
  };
}

/** `Tuesday`, `周二`. */
export function weekdayName(weekday: number, language: Language): string {
  return WEEKDAYS[language][weekday - 1] ?? "";
}

/** `2 December (Wednesday)`, `today`; the year where it is not this one. */
export function dateWords(date: string, today: string, language: Language): string {
  const zh = language === "zh-CN";
  if (date === today) return zh ? "今天" : "today";
  if (date === dateAfter(today, 1)) return zh ? "明天" : "tomorrow";
  const [year = "", month = "", day = ""] = date.split("-");
  const isOtherYear = year !== today.slice(0, 4);
  const weekday = weekdayName(weekdayOfDate(date), language);
  if (zh) return `${isOtherYear ? `${year}年` : ""}${Number(month)}月${Number(day)}日（${weekday}）`;
  return `${weekday} ${Number(day)} ${MONTHS[Number(month) - 1] ?? ""}${isOtherYear ? ` ${year}` : ""}`;
}

function spanWords({ from, until }: VisitTimes, now: number, language: Language, timeZone: string): string {
  const today = wallTimeAt(now, timeZone).date;
  const start = wallTimeAt(from, timeZone);
  const end = wallTimeAt(until, timeZone);
  const day = (date: string) => dateWords(date, today, language);
  const zh = language === "zh-CN";
  // Midnight belongs to the day that it ends.
  const last = end.minute === 0 ? { date: dateAfter(end.date, -1), minute: 1440 } : end;
  if (start.minute === 0 && last.minute === 1440) {
    if (start.date === last.date) return zh ? `${day(start.date)}全天` : `all day ${day(start.date)}`;
    return zh ? `${day(start.date)}至${day(last.date)}` : `${day(start.date)} to ${day(last.date)}`;
  }
  const [begins, ends] = [clockText(start.minute), clockText(last.minute)];
  if (start.date === last.date) {
    return zh ? `${day(start.date)} ${begins} 至 ${ends}` : `${day(start.date)}, ${begins} to ${ends}`;
  }
  return zh
    ? `${day(start.date)} ${begins} 至 ${day(last.date)} ${ends}`
    : `${day(start.date)} ${begins} to ${day(last.date)} ${ends}`;
}

function hoursWords({ weekdays, windows }: VisitTimes, language: Language): string {
  const zh = language === "zh-CN";
  const clocks = (windows ?? [])
    .map(({ startMinute, endMinute }) =>
      zh
        ? `${clockText(startMinute)}–${clockText(endMinute)}`
        : `${clockText(startMinute)} to ${clockText(endMinute)}`,
    )
    .join(zh ? "、" : ", ");
  const days = weekdays === undefined || weekdays.length === 7 ? "" : weekdayWords(weekdays, language);
  if (days === "" && clocks === "") return "";
  if (days === "") return zh ? `每天 ${clocks}` : `daily, ${clocks}`;
  return clocks === "" ? days : `${days}${zh ? " " : ", "}${clocks}`;
}

function weekdayWords(weekdays: readonly number[], language: Language): string {
  const zh = language === "zh-CN";
  const rising = [...weekdays].sort((a, b) => a - b);
  if (String(rising) === String(WORKDAYS)) return zh ? "周一至周五" : "Monday to Friday";
  if (String(rising) === String(WEEKEND)) return zh ? "周六和周日" : "Saturday and Sunday";
  const names = rising.map((weekday) => weekdayName(weekday, language));
  return zh ? `每${names.join("、")}` : names.map((name) => `${name}s`).join(", ");
}

function usesWords(uses: number | undefined, language: Language): string {
  const zh = language === "zh-CN";
  if (uses === undefined) return zh ? "不限次数" : "as often as needed";
  if (uses === 1) return zh ? "只能用一次" : "once only";
  return zh ? `共 ${uses} 次` : `${uses} times in all`;
}
