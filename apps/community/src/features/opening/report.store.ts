import type { OpeningReport } from "@menshen/wire";
import { sql } from "kysely";
import { moment, type Reader } from "../../database/database.ts";

/** A public statement of the log, as far as counting needs it. */
export interface CountedStatement {
  readonly topic: string;
  readonly statement: Readonly<Record<string, unknown>>;
}

/** Public statements about openings of [from, until), Unix milliseconds. */
export async function selectCountedStatements(
  db: Reader,
  from: number,
  until: number,
): Promise<readonly CountedStatement[]> {
  const { rows } = await sql<CountedStatement>`
    select topic, statement::jsonb as statement from evidence_statement
    where public and at >= ${moment(from)} and at < ${moment(until)}
      and (topic like 'opening-%' or topic = 'hold-placed')`.execute(db);
  return rows;
}

/** The same counted from the tables of the requests themselves. */
export async function selectReport(
  db: Reader,
  from: number,
  until: number,
): Promise<Omit<OpeningReport, "year">> {
  const within = (column: string) =>
    sql`${sql.ref(column)} >= ${moment(from)} and ${sql.ref(column)} < ${moment(until)}`;
  const { rows } = await sql<Omit<OpeningReport, "year">>`select
    (select count(*) from opening where ${within("requested_at")})::integer as "requests",
    ((select count(*) from opening where state = 'refused' and ${within("ended_at")})
      + (select count(*) from change where action = 'opening.refused-at-intake' and ${within("at")}))::integer
      as "refusals",
    (select count(*) from opening where state = 'expired' and ${within("ended_at")})::integer as "expired",
    (select count(*) from opening where state = 'answered' and hold_until is null
      and ${within("ended_at")})::integer as "answered",
    (select coalesce(sum(opened_count), 0) from opening where ${within("ended_at")})::integer as "entriesOpened",
    (select count(*) from opening where path = 'emergency' and ${within("requested_at")})::integer as "emergencies",
    (select count(*) from opening where ${within("reviewed_at")})::integer as "reviewed",
    (select count(*) from opening_custodian where ${within("late_at")})::integer as "lateAnswers",
    (select count(*) from opening where state = 'answered' and hold_until is not null
      and ${within("ended_at")})::integer as "holds"`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new RangeError("a count gives one row");
  return row;
}
