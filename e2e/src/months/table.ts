import { readFileSync } from "node:fs";

export const DOOR_NAMES = ["main", "office", "hall", "plant"] as const;
export type DoorName = (typeof DOOR_NAMES)[number];
export const CARD_NAMES = [
  "member",
  "leaver",
  "joiner",
  "guest",
  "blocked",
  "lost",
  "cleaner",
  "stranger",
] as const;
export type CardName = (typeof CARD_NAMES)[number];
export const DAY_KINDS = ["workday", "saturday", "sunday", "public", "exception"] as const;
type DayKind = (typeof DAY_KINDS)[number];
export type ScheduleName = "staffed" | "unlocked";

/** A moment on the community's clock: days after the cut and the local time, `HH:MM`. */
interface LocalMoment {
  readonly day: number;
  readonly time: string;
}

interface Outcome {
  readonly card: CardName;
  readonly door: DoorName;
  readonly hours?: "open" | "closed" | "edge";
  readonly dates?: "before" | "after" | "edge";
  readonly reasons: readonly string[];
}

/** `scenario.json`, which says everything about these months beforehand. */
interface ScenarioFile {
  readonly days: number;
  readonly zoneOffsetMinutes: number;
  readonly publicHolidays: readonly number[];
  readonly exceptionDays: readonly number[];
  readonly schedules: Readonly<Record<ScheduleName, Readonly<Record<DayKind, readonly string[]>>>>;
  readonly doors: Readonly<
    Record<
      DoorName,
      { readonly rule?: ScheduleName; readonly unlock?: ScheduleName; readonly minimumGrade?: "C" }
    >
  >;
  readonly cards: Readonly<
    Record<
      CardName,
      {
        readonly count: number;
        readonly from?: LocalMoment;
        readonly until?: LocalMoment;
        readonly ruleUntil?: LocalMoment;
      }
    >
  >;
  readonly outcomes: readonly Outcome[];
  readonly granting: readonly string[];
}

export interface Expectation {
  readonly granted: boolean;
  /** Codes of all reasons in their order. */
  readonly reasons: readonly string[];
}

export interface Window {
  readonly startMinute: number;
  readonly endMinute: number;
}

export interface MonthsTable {
  readonly days: number;
  readonly file: ScenarioFile;
  windows(schedule: ScheduleName, kind: DayKind): readonly Window[];
  /** Unix milliseconds of a minute of the local day `day` days after the cut. */
  at(day: number, minute: number): number;
  momentOf(moment: LocalMoment): number;
  /** `YYYY-MM-DD` of a day. */
  dateOf(day: number): string;
  /** Every moment of a day at which a schedule changes, or a card's or rule's dates. */
  edgesOf(day: number): readonly number[];
  /** What the table says. @throws {Error} unless exactly one row speaks about it */
  expect(card: CardName, door: DoorName, atMs: number): Expectation;
  /** How many rows have been asked for. */
  rowsUsed(): number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Taps are either exactly at a change or farther from it than the clock's doubt. */
const EDGE_MS = 1_000;

/** Reads the scenario for a cut at `cutMs`. Knows nothing of the program under test but the words of the table. */
export function loadMonthsTable(cutMs: number): MonthsTable {
  const file = JSON.parse(readFileSync(new URL("./scenario.json", import.meta.url), "utf8")) as ScenarioFile;
  const offsetMs = file.zoneOffsetMinutes * MINUTE_MS;
  const firstDay = Math.floor((cutMs + offsetMs) / DAY_MS);

  const at = (day: number, minute: number) => (firstDay + day) * DAY_MS - offsetMs + minute * MINUTE_MS;
  const momentOf = ({ day, time }: LocalMoment) => at(day, minuteOf(time));
  const windows = (schedule: ScheduleName, kind: DayKind) =>
    file.schedules[schedule][kind].map((text) => {
      const [start = "", end = ""] = text.split("-");
      return { startMinute: minuteOf(start), endMinute: minuteOf(end) };
    });

  function kindOf(day: number): DayKind {
    if (file.exceptionDays.includes(day)) return "exception";
    if (file.publicHolidays.includes(day)) return "public";
    // 1970-01-01 was a Thursday.
    const weekday = (firstDay + day + 4) % 7;
    return weekday === 0 ? "sunday" : weekday === 6 ? "saturday" : "workday";
  }

  const dayOf = (atMs: number) => Math.floor((atMs + offsetMs) / DAY_MS) - firstDay;

  function hoursAt(schedule: ScheduleName, atMs: number): "open" | "closed" | "edge" {
    const day = dayOf(atMs);
    for (const { startMinute, endMinute } of windows(schedule, kindOf(day))) {
      const [start, end] = [at(day, startMinute), at(day, endMinute)];
      if (Math.abs(atMs - start) < EDGE_MS || Math.abs(atMs - end) < EDGE_MS) return "edge";
      if (atMs > start && atMs < end) return "open";
    }
    return "closed";
  }

  function datesAt(card: CardName, atMs: number): "before" | "after" | "edge" | undefined {
    const { from, until, ruleUntil } = file.cards[card];
    const moment = from ?? until ?? ruleUntil;
    if (moment === undefined) return undefined;
    const changeMs = momentOf(moment);
    if (Math.abs(atMs - changeMs) < EDGE_MS) return "edge";
    return atMs < changeMs ? "before" : "after";
  }

  const used = new Set<Outcome>();
  return {
    rowsUsed: () => used.size,
    days: file.days,
    file,
    windows,
    at,
    momentOf,
    dateOf: (day) => new Date((firstDay + day) * DAY_MS).toISOString().slice(0, 10),
    edgesOf(day) {
      const kind = kindOf(day);
      const ofSchedules = (["staffed", "unlocked"] as const).flatMap((schedule) =>
        windows(schedule, kind).flatMap(({ startMinute, endMinute }) => [startMinute, endMinute]),
      );
      const ofDates = Object.values(file.cards)
        .flatMap(({ from, until, ruleUntil }) => [from, until, ruleUntil])
        .flatMap((moment) => (moment?.day === day ? [minuteOf(moment.time)] : []));
      return [...new Set([...ofSchedules, ...ofDates])]
        .sort((a, b) => a - b)
        .map((minute) => at(day, minute));
    },
    expect(card, door, atMs) {
      const { rule, unlock } = file.doors[door];
      const schedule = rule ?? unlock;
      const hours = schedule === undefined ? undefined : hoursAt(schedule, atMs);
      const dates = datesAt(card, atMs);
      const rows = file.outcomes.filter(
        (row) =>
          row.card === card &&
          row.door === door &&
          (row.hours === undefined || row.hours === hours) &&
          (row.dates === undefined || row.dates === dates),
      );
      const [row] = rows;
      if (row === undefined || rows.length > 1) {
        throw new Error(`${rows.length} rows for ${card} at ${door}, hours ${hours}, dates ${dates}`);
      }
      used.add(row);
      const { reasons } = row;
      return { granted: reasons.every((code) => file.granting.includes(code)), reasons };
    },
  };
}

function minuteOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return hours * 60 + minutes;
}
