import Type, { type Static } from "typebox";
import {
  API_BASE,
  IdParams,
  LocalDateText,
  NameText,
  NoContent,
  PageFields,
  RecordFields,
} from "./common.ts";
import { endpoint } from "./endpoint.ts";
import { recordEndpoints, withRevision } from "./record-endpoints.ts";

const closed = { additionalProperties: false };

/** `startMinute` ≤ minute of the day < `endMinute`; overnight is two windows. */
const minutes = {
  startMinute: Type.Integer({ minimum: 0, maximum: 1439 }),
  endMinute: Type.Integer({ minimum: 1, maximum: 1440 }),
};
export const ScheduleWindow = Type.Object(minutes, closed);
export type ScheduleWindow = Static<typeof ScheduleWindow>;

/** Monday is 1. */
const WeekdayNumber = Type.Union([
  Type.Literal(1),
  Type.Literal(2),
  Type.Literal(3),
  Type.Literal(4),
  Type.Literal(5),
  Type.Literal(6),
  Type.Literal(7),
]);
const HolidayKind = Type.String({ pattern: "^[a-z][a-z0-9-]{0,39}$", description: "e.g. `public`" });

const scheduleInput = {
  name: NameText,
  weekly: Type.Array(Type.Object({ weekday: WeekdayNumber, ...minutes }, closed), { maxItems: 168 }),
  /** A kind listed with no windows is closed all day; a kind not listed follows the week. */
  holidays: Type.Array(
    Type.Object({ kind: HolidayKind, windows: Type.Array(ScheduleWindow, { maxItems: 24 }) }, closed),
    { maxItems: 32 },
  ),
  exceptions: Type.Array(
    Type.Object({ date: LocalDateText, windows: Type.Array(ScheduleWindow, { maxItems: 24 }) }, closed),
    { maxItems: 400 },
  ),
};
export const WeekSchedule = Type.Object({
  ...RecordFields,
  ...scheduleInput,
  name: Type.String(),
  /** What refers to it. */
  ruleCount: Type.Integer(),
  portalCount: Type.Integer(),
});
export type WeekSchedule = Static<typeof WeekSchedule>;
export const ScheduleCreate = Type.Object(scheduleInput, closed);
export type ScheduleCreate = Static<typeof ScheduleCreate>;

export const ScheduleDay = Type.Object({
  date: LocalDateText,
  windows: Type.Array(ScheduleWindow),
  /** Which part of the schedule decided this day. */
  because: Type.Enum(["week", "holiday", "exception"]),
  holidayName: Type.Optional(Type.String()),
});
export type ScheduleDay = Static<typeof ScheduleDay>;

export const scheduleEndpoints = {
  ...recordEndpoints(
    { one: "schedule", many: "schedules", path: "schedules" },
    {
      item: WeekSchedule,
      create: ScheduleCreate,
      update: withRevision(scheduleInput),
      query: Type.Object({ ...PageFields, removed: Type.Optional(Type.Boolean()) }, closed),
    },
  ),
  days: endpoint({
    id: "listScheduleDays",
    method: "GET",
    path: `${API_BASE}/schedules/:id/days`,
    tag: "schedules",
    summary: "what the schedule says on each of up to 92 days",
    params: IdParams,
    query: Type.Object({ from: LocalDateText, to: LocalDateText }, closed),
    response: Type.Object({ items: Type.Array(ScheduleDay) }),
  }),
} as const;

export const HolidayItem = Type.Object({ date: LocalDateText, kind: Type.String(), name: Type.String() });
export type HolidayItem = Static<typeof HolidayItem>;

export const holidayEndpoints = {
  list: endpoint({
    id: "listHolidays",
    method: "GET",
    path: `${API_BASE}/holidays`,
    tag: "holidays",
    summary: "the community's calendar of holidays",
    query: Type.Object({ year: Type.Optional(Type.Integer({ minimum: 1970, maximum: 9999 })) }, closed),
    response: Type.Object({ items: Type.Array(HolidayItem) }),
  }),
  set: endpoint({
    id: "setHoliday",
    method: "PUT",
    path: `${API_BASE}/holidays/:date`,
    tag: "holidays",
    summary: "make a date a holiday",
    params: Type.Object({ date: LocalDateText }, closed),
    body: Type.Object({ kind: HolidayKind, name: NameText }, closed),
    response: HolidayItem,
  }),
  remove: endpoint({
    id: "removeHoliday",
    method: "DELETE",
    path: `${API_BASE}/holidays/:date`,
    tag: "holidays",
    summary: "make a date an ordinary day",
    params: Type.Object({ date: LocalDateText }, closed),
    response: NoContent,
  }),
  import: endpoint({
    id: "importHolidays",
    method: "POST",
    path: `${API_BASE}/holidays/import`,
    tag: "holidays",
    summary: "import a calendar: CSV lines `date,kind,name`, or iCalendar all-day events",
    body: Type.Object(
      {
        format: Type.Enum(["csv", "icalendar"]),
        text: Type.String({ minLength: 1, maxLength: 200_000 }),
        /** Kind of iCalendar events whose CATEGORIES name none. */
        kind: Type.Optional(HolidayKind),
        /** Remove the years' other holidays. */
        replaceYears: Type.Optional(Type.Boolean()),
      },
      closed,
    ),
    response: Type.Object({
      added: Type.Integer(),
      changed: Type.Integer(),
      removed: Type.Integer(),
      unchanged: Type.Integer(),
    }),
  }),
} as const;
