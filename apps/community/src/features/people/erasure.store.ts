import { sql } from "kysely";
import { moment, type Reader, type Trx } from "../../database/database.ts";

/** Removed people whose removal can no more be undone, the oldest first. */
export async function selectRemovedBefore(db: Reader, before: number): Promise<readonly string[]> {
  const rows = await db
    .selectFrom("person")
    .select("id")
    .where("removed_at", "<", moment(before))
    .orderBy("removed_at")
    .execute();
  return rows.map(({ id }) => id);
}

/** Removed people whose last home here ended after they were asked, the oldest first. */
export async function selectLeftBefore(db: Reader, before: number): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select p.id from person p where p.removed_at < ${moment(before)}
      and exists (select from residency r join residency_end e on e.residency_id = r.id
        where r.person_id = p.id and e.state = 'ended')
    order by p.removed_at`.execute(db);
  return rows.map(({ id }) => id);
}

/**
 * Deletes everything that is about a person, and the person. Looks may go in a transaction that says whose they are. What
 * stays elsewhere: ids in the record of administration until its time, and sealed results of openings until they are
 * handed over.
 */
export async function deletePerson(trx: Trx, id: string): Promise<void> {
  await sql`select set_config('menshen.erased_person', ${id}, true)`.execute(trx);
  await sql`update credential set replaces_id = null
    where replaces_id in (select id from credential where person_id = ${id}::uuid)`.execute(trx);
  // Passes that they gave are refused without a revocation: the key that signed them is no gate's any more.
  await trx.deleteFrom("visitor_revocation").where("person_id", "=", id).execute();
  await sql`update access_rule set who_person_ids = array_remove(who_person_ids, ${id}::uuid)
    where ${id}::uuid = any (who_person_ids)`.execute(trx);
  await trx.deleteFrom("credential").where("person_id", "=", id).execute();
  await trx.deleteFrom("residency").where("person_id", "=", id).execute();
  await trx.deleteFrom("resident_key").where("person_id", "=", id).execute();
  await trx.deleteFrom("resident_refused_read").where("asked_person_id", "=", id).execute();
  await trx
    .updateTable("resident_refused_read")
    .set({ person_id: null })
    .where("person_id", "=", id)
    .execute();
  await trx.deleteFrom("personal_view").where("person_id", "=", id).execute();
  await trx.deleteFrom("person").where("id", "=", id).execute();
}
