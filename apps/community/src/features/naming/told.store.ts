import { TOLD_HOW, type Told } from "@menshen/wire";
import { sql } from "kysely";
import { moment, type Reader, type Trx } from "../../database/database.ts";
import { compareNames } from "../../database/names.ts";
import { known } from "../../view-record/index.ts";

/** People who work here and live nowhere here, in the order of their names. Whoever lives here is a resident first. */
export async function selectNameableStaff(
  db: Reader,
): Promise<readonly { readonly personId: string; readonly name: string; readonly told: Told | undefined }[]> {
  const { rows } = await sql<{ id: string; name: string; told_on: string | null; how: string | null }>`
    select person.id, person.display_name as name, told.told_on, told.how
    from person left join naming_told told on told.person_id = person.id
    where ${isOnlyStaff} order by person.id`.execute(db);
  const inOrder = rows.toSorted((one, other) => compareNames(one.name, other.name));
  return inOrder.map(({ id, name, told_on: on, how }) => ({
    personId: id,
    name,
    told: on === null || how === null ? undefined : { on, how: known(TOLD_HOW, how) },
  }));
}

/** Staff who were told, while a decision names staff; nobody otherwise. */
export async function selectNamedStaff(db: Reader): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ id: string }>`
    select person.id from person join naming_told told on told.person_id = person.id
    where ${isOnlyStaff} and exists (
      select from naming_decision where scope = 'staff' and leaf_id is not null and withdrawn_at is null
    )`.execute(db);
  return new Set(rows.map(({ id }) => id));
}

const isOnlyStaff = sql`person.removed_at is null
  and exists (select from residency where person_id = person.id and removed_at is null and role = 'staff')
  and not exists (select from residency where person_id = person.id and removed_at is null and role <> 'staff')`;

export async function upsertTold(
  trx: Trx,
  told: Told & { readonly personId: string; readonly at: number; readonly staffId: string },
): Promise<void> {
  const values = {
    told_on: told.on,
    how: told.how,
    recorded_at: moment(told.at),
    recorded_by: told.staffId,
  };
  await trx
    .insertInto("naming_told")
    .values({ person_id: told.personId, ...values })
    .onConflict((conflict) => conflict.column("person_id").doUpdateSet(values))
    .execute();
}

/** Whether there was one. */
export async function deleteTold(trx: Trx, personId: string): Promise<boolean> {
  const row = await trx
    .deleteFrom("naming_told")
    .where("person_id", "=", personId)
    .returning("person_id")
    .executeTakeFirst();
  return row !== undefined;
}
