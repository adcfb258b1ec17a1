import { type Holiday, parseSchedule, type Schedule } from "@menshen/domain";
import type { QueryOf, scheduleEndpoints, WeekSchedule } from "@menshen/wire";
import { sql } from "kysely";
import { pageByName } from "../../database/by-name.ts";
import type { Reader, Trx } from "../../database/database.ts";
import { optional } from "../../database/records.ts";

function scheduleQuery(db: Reader) {
  return db
    .selectFrom("schedule")
    .selectAll("schedule")
    .select((eb) => [
      eb
        .selectFrom("access_rule")
        .select(sql<number>`count(*)`.as("n"))
        .whereRef("access_rule.schedule_id", "=", "schedule.id")
        .where("access_rule.removed_at", "is", null)
        .as("rule_count"),
      eb
        .selectFrom("portal")
        .select(sql<number>`count(*)`.as("n"))
        .leftJoin("portal_rule", "portal_rule.portal_id", "portal.id")
        .where("portal.removed_at", "is", null)
        // A lift may follow it at one of its floors only.
        .where((portal) =>
          portal.or([
            portal("portal.unlock_schedule_id", "=", portal.ref("schedule.id")),
            sql<boolean>`${portal.ref("portal_rule.floors")} @> jsonb_build_array(jsonb_build_object('scheduleId', ${portal.ref("schedule.id")}))`,
          ]),
        )
        .as("portal_count"),
    ]);
}

type ScheduleRow = Awaited<ReturnType<ReturnType<typeof scheduleQuery>["executeTakeFirstOrThrow"]>>;

function scheduleView(row: ScheduleRow): WeekSchedule {
  const schedule = parseSchedule({
    id: row.id,
    name: row.name,
    weekly: row.weekly,
    holidays: row.holidays,
    exceptions: row.exceptions,
  });
  return {
    id: row.id,
    revision: row.revision,
    name: row.name,
    weekly: schedule.weekly.map((window) => ({ ...window })),
    holidays: schedule.holidays.map((rule) => ({
      kind: rule.kind,
      windows: rule.windows.map((w) => ({ ...w })),
    })),
    exceptions: schedule.exceptions.map((exception) => ({
      date: exception.date,
      windows: exception.windows.map((window) => ({ ...window })),
    })),
    ruleCount: row.rule_count ?? 0,
    portalCount: row.portal_count ?? 0,
    ...optional("removedAt", row.removed_at),
  };
}

export async function selectSchedule(db: Reader, id: string): Promise<WeekSchedule | undefined> {
  const row = await scheduleQuery(db).where("schedule.id", "=", id).executeTakeFirst();
  return row && scheduleView(row);
}

export async function selectSchedules(db: Reader, query: QueryOf<typeof scheduleEndpoints.list>) {
  return pageByName(scheduleQuery(db), "schedule", query, scheduleView);
}

function columns(schedule: Schedule) {
  return {
    name: schedule.name,
    weekly: JSON.stringify(schedule.weekly),
    holidays: JSON.stringify(schedule.holidays),
    exceptions: JSON.stringify(schedule.exceptions),
  };
}

export async function insertSchedule(trx: Trx, schedule: Schedule): Promise<void> {
  await trx
    .insertInto("schedule")
    .values({ id: schedule.id, ...columns(schedule) })
    .execute();
}

export async function updateSchedule(trx: Trx, schedule: Schedule): Promise<void> {
  await trx
    .updateTable("schedule")
    .set((eb) => ({ ...columns(schedule), revision: eb("revision", "+", 1) }))
    .where("id", "=", schedule.id)
    .execute();
}

/** By date; all, or those from `from` up to and with `to`. */
export async function selectHolidays(
  db: Reader,
  range?: { readonly from: string; readonly to: string },
): Promise<readonly Holiday[]> {
  let select = db.selectFrom("holiday").selectAll().orderBy("date");
  if (range !== undefined) select = select.where("date", ">=", range.from).where("date", "<=", range.to);
  return select.execute();
}

export async function upsertHoliday(trx: Trx, holiday: Holiday): Promise<void> {
  const values = { kind: holiday.kind, name: holiday.name };
  await trx
    .insertInto("holiday")
    .values({ date: holiday.date, ...values })
    .onConflict((conflict) => conflict.column("date").doUpdateSet(values))
    .execute();
}

/** True if there was one. */
export async function deleteHoliday(trx: Trx, date: string): Promise<boolean> {
  const result = await trx.deleteFrom("holiday").where("date", "=", date).executeTakeFirst();
  return result.numDeletedRows > 0n;
}
