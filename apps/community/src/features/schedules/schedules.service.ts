import { randomUUID } from "node:crypto";
import { DomainError, dayNumberOf, parseSchedule, type Schedule } from "@menshen/domain";
import type {
  BodyOf,
  HolidayItem,
  holidayEndpoints,
  QueryOf,
  ResponseOf,
  ScheduleCreate,
  ScheduleDay,
  scheduleEndpoints,
  WeekSchedule,
} from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Database, Trx } from "../../database/database.ts";
import {
  demandFresh,
  demandPresent,
  found,
  lockRecord,
  setRemoved,
  unlessTaken,
} from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import { readHolidayCalendar, readHolidayCsv } from "./holiday-import.ts";
import { scheduleDays } from "./schedule-days.ts";
import {
  deleteHoliday,
  insertSchedule,
  selectHolidays,
  selectSchedule,
  selectSchedules,
  updateSchedule,
  upsertHoliday,
} from "./schedules.store.ts";

const NAME_TAKEN = "another schedule has this name";
const MOST_DAYS = 92;

export type SchedulesService = ReturnType<typeof makeSchedulesService>;

/** Schedules and the community's calendar of holidays. */
export function makeSchedulesService({
  db,
  change,
}: {
  readonly db: Database;
  readonly change: ChangeRunner;
}) {
  async function locked(trx: Trx, id: string): Promise<WeekSchedule> {
    await lockRecord(trx, "schedule", id);
    return found(await selectSchedule(trx, id), "schedule");
  }

  return {
    async list(actor: Actor, query: QueryOf<typeof scheduleEndpoints.list>) {
      authorise(actor, "schedules.read");
      return selectSchedules(db, query);
    },

    async read(actor: Actor, id: string): Promise<WeekSchedule> {
      authorise(actor, "schedules.read");
      return found(await selectSchedule(db, id), "schedule");
    },

    /** Throws `invalid-request` for a range that is backwards or longer than 92 days. */
    async days(
      actor: Actor,
      id: string,
      range: QueryOf<typeof scheduleEndpoints.days>,
    ): Promise<ScheduleDay[]> {
      authorise(actor, "schedules.read");
      const lengthDays = parseDay(range.to, "query/to") - parseDay(range.from, "query/from") + 1;
      if (lengthDays < 1 || lengthDays > MOST_DAYS) {
        throw refusal("invalid-request", `expected 1 to ${MOST_DAYS} days`, {
          fields: [{ path: "query/to", message: `expected 0 to ${MOST_DAYS - 1} days after \`from\`` }],
        });
      }
      const schedule = found(await selectSchedule(db, id), "schedule");
      return scheduleDays(schedule, await selectHolidays(db, range), range);
    },

    /** Throws `invalid-request` for windows that overlap, dates that are none and the like, saying which. */
    async create(author: StaffAuthor, input: ScheduleCreate): Promise<WeekSchedule> {
      authorise(author.actor, "schedules.write");
      const schedule = parse(randomUUID(), input);
      return change(author, async ({ trx, touch, record }) => {
        await unlessTaken(insertSchedule(trx, schedule), NAME_TAKEN);
        await touch("rules");
        await record({
          action: "schedule.created",
          entity: "schedule",
          entityId: schedule.id,
          after: fieldsOf(schedule),
        });
        return found(await selectSchedule(trx, schedule.id), "schedule");
      });
    },

    /** Throws `way-in-lost` if residents would stand before a closed door. */
    async update(
      author: StaffAuthor,
      id: string,
      input: BodyOf<typeof scheduleEndpoints.update>,
    ): Promise<WeekSchedule> {
      authorise(author.actor, "schedules.write");
      const { revision, ...fields } = input;
      const schedule = parse(id, fields);
      return change(
        author,
        async ({ trx, touch, record }) => {
          const before = await locked(trx, id);
          demandPresent(before, "schedule");
          demandFresh(before, revision);
          await unlessTaken(updateSchedule(trx, schedule), NAME_TAKEN);
          await touch("rules");
          await record({
            action: "schedule.changed",
            entity: "schedule",
            entityId: id,
            before: fieldsOf(before),
            after: fieldsOf(schedule),
          });
          return found(await selectSchedule(trx, id), "schedule");
        },
        { guarded: true },
      );
    },

    /** Throws `in-use` while rules or doors refer to it. */
    async remove(author: StaffAuthor, id: string): Promise<WeekSchedule> {
      authorise(author.actor, "schedules.write");
      return change(author, async ({ trx, at, touch, record }) => {
        const before = await locked(trx, id);
        if (before.removedAt !== undefined) return before;
        if (before.ruleCount + before.portalCount > 0) {
          throw refusal(
            "in-use",
            `${before.ruleCount} rules and ${before.portalCount} doors follow this schedule`,
          );
        }
        await setRemoved(trx, "schedule", id, at);
        await touch("rules");
        await record({
          action: "schedule.removed",
          entity: "schedule",
          entityId: id,
          before: fieldsOf(before),
        });
        return found(await selectSchedule(trx, id), "schedule");
      });
    },

    async restore(author: StaffAuthor, id: string): Promise<WeekSchedule> {
      authorise(author.actor, "schedules.write");
      return change(author, async ({ trx, touch, record }) => {
        const before = await locked(trx, id);
        if (before.removedAt === undefined) return before;
        await unlessTaken(setRemoved(trx, "schedule", id, undefined), NAME_TAKEN);
        await touch("rules");
        await record({
          action: "schedule.restored",
          entity: "schedule",
          entityId: id,
          after: fieldsOf(before),
        });
        return found(await selectSchedule(trx, id), "schedule");
      });
    },

    async listHolidays(actor: Actor, query: QueryOf<typeof holidayEndpoints.list>): Promise<HolidayItem[]> {
      authorise(actor, "schedules.read");
      const range =
        query.year === undefined ? undefined : { from: `${query.year}-01-01`, to: `${query.year}-12-31` };
      return [...(await selectHolidays(db, range))];
    },

    /** Throws `way-in-lost` if residents would stand before a closed door that day. */
    async setHoliday(
      author: StaffAuthor,
      date: string,
      input: BodyOf<typeof holidayEndpoints.set>,
    ): Promise<HolidayItem> {
      authorise(author.actor, "schedules.write");
      parseDay(date, "params/date");
      return change(
        author,
        async ({ trx, touch, record }) => {
          const [before] = await selectHolidays(trx, { from: date, to: date });
          const after = { date, kind: input.kind, name: input.name.trim() };
          await upsertHoliday(trx, after);
          await touch("rules");
          await record({
            action: "holiday.set",
            entity: "holiday",
            entityId: date,
            before: before && { ...before },
            after,
          });
          return after;
        },
        { guarded: true },
      );
    },

    /** Throws `way-in-lost` as {@link setHoliday}. */
    async removeHoliday(author: StaffAuthor, date: string): Promise<void> {
      authorise(author.actor, "schedules.write");
      parseDay(date, "params/date");
      await change(
        author,
        async ({ trx, touch, record }) => {
          const [before] = await selectHolidays(trx, { from: date, to: date });
          if (before === undefined || !(await deleteHoliday(trx, date)))
            throw refusal("not-found", "no such holiday");
          await touch("rules");
          await record({
            action: "holiday.removed",
            entity: "holiday",
            entityId: date,
            before: { ...before },
          });
        },
        { guarded: true },
      );
    },

    /** All or nothing: throws `invalid-request` naming each line at fault, `way-in-lost` as {@link setHoliday}. */
    async importHolidays(
      author: StaffAuthor,
      input: BodyOf<typeof holidayEndpoints.import>,
    ): Promise<ResponseOf<typeof holidayEndpoints.import>> {
      authorise(author.actor, "schedules.write");
      const read =
        input.format === "csv"
          ? readHolidayCsv(input.text)
          : readHolidayCalendar(input.text, input.kind ?? "public");
      if (!read.ok) {
        throw refusal("invalid-request", "the calendar cannot be read", {
          fields: read.problems.map(({ line, message }) => ({ path: `body/text/line ${line}`, message })),
        });
      }
      return change(
        author,
        async ({ trx, touch, record }) => {
          const existing = new Map((await selectHolidays(trx)).map((holiday) => [holiday.date, holiday]));
          const counts = { added: 0, changed: 0, removed: 0, unchanged: 0 };
          for (const holiday of read.holidays) {
            const before = existing.get(holiday.date);
            if (before?.kind === holiday.kind && before.name === holiday.name) counts.unchanged += 1;
            else {
              counts[before === undefined ? "added" : "changed"] += 1;
              await upsertHoliday(trx, holiday);
            }
          }
          if (input.replaceYears) {
            const kept = new Set(read.holidays.map((holiday) => holiday.date));
            const years = new Set(read.holidays.map((holiday) => holiday.date.slice(0, 4)));
            for (const date of existing.keys()) {
              if (!years.has(date.slice(0, 4)) || kept.has(date)) continue;
              await deleteHoliday(trx, date);
              counts.removed += 1;
            }
          }
          await touch("rules");
          await record({
            action: "holiday.imported",
            entity: "holiday",
            entityId: "calendar",
            after: { ...counts },
          });
          return counts;
        },
        { guarded: true },
      );
    },
  };
}

/** Day number of a date; throws `invalid-request`. */
function parseDay(date: string, path: string): number {
  try {
    return dayNumberOf(date);
  } catch (error) {
    throw invalid(error, path);
  }
}

function parse(id: string, input: ScheduleCreate): Schedule {
  try {
    return parseSchedule({ id, ...input, name: input.name.trim() });
  } catch (error) {
    throw invalid(error, "body");
  }
}

/** The domain's message says what was expected and what came, and schedules hold nothing personal. */
function invalid(error: unknown, path: string): unknown {
  if (!(error instanceof DomainError)) return error;
  return refusal("invalid-request", error.message, { fields: [{ path, message: error.message }] });
}

function fieldsOf(schedule: Pick<Schedule, "name" | "weekly" | "holidays" | "exceptions">) {
  const { name, weekly, holidays, exceptions } = schedule;
  return { name, weekly, holidays, exceptions };
}
