import type { Audience } from "@menshen/wire";
import { sql } from "kysely";
import { moment, type Reader } from "../../database/database.ts";

/** Who lives at `now` where a message is for; a person with several homes once. */
export async function selectAudience(
  db: Reader,
  audience: Audience,
  now: number,
): Promise<readonly string[]> {
  const where =
    audience.kind === "all"
      ? sql`true`
      : audience.kind === "building"
        ? sql`dwelling.building_id = ${audience.id}::uuid`
        : sql`dwelling.id = ${audience.id}::uuid`;
  const at = moment(now);
  const { rows } = await sql<{ id: string }>`
    select distinct person.id from residency
    join person on person.id = residency.person_id and person.removed_at is null
    join dwelling on dwelling.id = residency.dwelling_id
    where residency.removed_at is null and (valid_from is null or valid_from <= ${at})
      and (valid_until is null or valid_until > ${at}) and ${where}
    order by person.id`.execute(db);
  return rows.map(({ id }) => id);
}
