import { sql } from "kysely";
import type { Database } from "../database/database.ts";
import { emptiedText, type PersonKeys } from "./person-keys.ts";
import type { StorageKey } from "./storage-key.ts";

/** Every column that is sealed under a person's key: whose it is, by table and alias `t`. */
export const SEALED_COLUMNS = [
  { table: "person", column: "display_name", owner: "t.id" },
  { table: "rights_request", column: "words", owner: "t.person_id" },
  { table: "rights_request", column: "reason", owner: "t.person_id" },
  { table: "residency_end", column: "ground", owner: ownerOfResidency() },
  { table: "residency_end", column: "objection", owner: ownerOfResidency() },
  { table: "residency_end", column: "decision_reason", owner: ownerOfResidency() },
] as const;

function ownerOfResidency(): string {
  return "(select r.person_id from residency r where r.id = t.residency_id)";
}

const ROWS_IN_BATCH = 500;

/**
 * Seals what an earlier version of this server, or somebody at the database, wrote in clear. A process that dies at any
 * moment loses nothing: called again it goes on.
 *
 * @returns how many texts and contacts were sealed
 */
export async function sealPersons(dependencies: {
  readonly db: Database;
  readonly storageKey: StorageKey;
  readonly personKeys: PersonKeys;
}): Promise<number> {
  const { db, personKeys } = dependencies;
  // A copy of the database from before may hold people who were deleted since.
  const destroyed = new Set(personKeys.destroyed());
  let count = await sealContacts(dependencies);
  const rewritten = new Set<string>(count === 0 ? [] : ["person_contact"]);
  for (const { table, column, owner } of SEALED_COLUMNS) {
    const [from, what, whose] = [sql.table(table), sql.ref(`t.${column}`), sql.raw(owner)];
    for (;;) {
      const { rows } = await sql<{ id: string; personId: string; clear: string }>`
        select t.id, ${whose} as "personId", ${what}::text as clear from ${from} t
        where ${what} not like 'sealed:1:%' and ${whose} is not null limit ${ROWS_IN_BATCH}`.execute(db);
      if (rows.length === 0) break;
      const sealed = rows.map(({ personId, clear }) =>
        destroyed.has(personId) ? emptiedText(personId) : personKeys.sealText(personId, clear),
      );
      await sql`update ${from} t set ${sql.ref(column)} = made.sealed
        from unnest(${rows.map(({ id }) => id)}::uuid[], ${sealed}::text[]) as made (id, sealed)
        where t.id = made.id`.execute(db);
      count += rows.length;
      rewritten.add(table);
    }
  }
  // The database keeps earlier states of a row until its table is written anew.
  for (const table of rewritten) await sql`vacuum (full) ${sql.table(table)}`.execute(db);
  return count;
}

async function sealContacts(dependencies: {
  readonly db: Database;
  readonly storageKey: StorageKey;
  readonly personKeys: PersonKeys;
}): Promise<number> {
  const { db, storageKey, personKeys } = dependencies;
  const before = await db
    .selectFrom("person_contact")
    .select(["person_id", "sealed"])
    .where("by_person", "=", false)
    .execute();
  for (const { person_id: id, sealed } of before) {
    if (personKeys.destroyed().includes(id)) {
      await db.deleteFrom("person_contact").where("person_id", "=", id).execute();
      continue;
    }
    const contact = storageKey.open(sealed, `contact:${id}`);
    await db
      .updateTable("person_contact")
      .set({ sealed: personKeys.seal(id, contact, "contact"), by_person: true })
      .where("person_id", "=", id)
      .where("sealed", "=", sealed)
      .execute();
  }
  return before.length;
}
