import { sql } from "kysely";
import { moment, type Reader } from "./database.ts";

/** The local date of a moment in the community, `YYYY-MM-DD`. */
export async function selectLocalDate(db: Reader, at: number): Promise<string> {
  const { rows } = await sql<{ today: string }>`
    select to_char(${moment(at)} at time zone time_zone, 'YYYY-MM-DD') as today from community`.execute(db);
  return rows[0]?.today ?? "";
}
