import { type DwellingOwner, ownerKey } from "@menshen/domain";
import type { RollOwner } from "@menshen/wire";
import { sql } from "kysely";
import type { Reader, Trx } from "../../database/database.ts";
import { known } from "../../view-record/index.ts";

export const OWNER_KINDS = ["persons", "company", "developer"] as const;

/** A dwelling of the roll with its owner. */
export interface StoredRollDwelling {
  readonly dwellingId: string;
  readonly dwellingName: string;
  readonly areaDm2: number;
  readonly ownerId: string;
  readonly kind: (typeof OWNER_KINDS)[number];
  readonly ownerName: string | undefined;
  /** In the order of their ids. */
  readonly personIds: readonly string[];
}

/** The roll, in the order of buildings and dwellings; removed dwellings are none of it. */
export async function selectRoll(db: Reader): Promise<readonly StoredRollDwelling[]> {
  const { rows } = await sql<{
    dwelling_id: string;
    dwelling_name: string;
    area_dm2: number;
    owner_id: string;
    kind: string;
    name: string | null;
    person_ids: string[];
  }>`select roll.dwelling_id, building.name || ' ' || dwelling.name as dwelling_name, roll.area_dm2,
      owner.id as owner_id, owner.kind, owner.name,
      array(select person_id from roll_owner_person where owner_id = owner.id order by person_id) as person_ids
    from roll_dwelling roll join dwelling on dwelling.id = roll.dwelling_id
    join building on building.id = dwelling.building_id join roll_owner owner on owner.id = roll.owner_id
    where dwelling.removed_at is null
    order by building.name, dwelling.name, dwelling.id`.execute(db);
  return rows.map((row) => ({
    dwellingId: row.dwelling_id,
    dwellingName: row.dwelling_name,
    areaDm2: row.area_dm2,
    ownerId: row.owner_id,
    kind: known(OWNER_KINDS, row.kind),
    ownerName: row.name ?? undefined,
    personIds: row.person_ids,
  }));
}

/** Dwellings that the roll lacks. */
export async function selectMissing(
  db: Reader,
): Promise<readonly { readonly dwellingId: string; readonly dwellingName: string }[]> {
  const { rows } = await sql<{ id: string; name: string }>`
    select dwelling.id, building.name || ' ' || dwelling.name as name
    from dwelling join building on building.id = dwelling.building_id
    where dwelling.removed_at is null and building.removed_at is null
      and not exists (select from roll_dwelling where dwelling_id = dwelling.id)
    order by building.name, dwelling.name, dwelling.id`.execute(db);
  return rows.map(({ id, name }) => ({ dwellingId: id, dwellingName: name }));
}

/** Whether the community can vote at all: its roll has a dwelling. */
export async function hasRoll(db: Reader): Promise<boolean> {
  const row = await db.selectFrom("roll_dwelling").select("dwelling_id").limit(1).executeTakeFirst();
  return row !== undefined;
}

export async function selectPersonNames(
  db: Reader,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom("person")
    .select(["id", "display_name"])
    .where("id", "in", [...ids])
    .execute();
  return new Map(rows.map((row) => [row.id, row.display_name]));
}

/** How many of these persons are there. */
export async function countPresent(db: Reader, ids: readonly string[]): Promise<number> {
  const rows = await db
    .selectFrom("person")
    .select("id")
    .where("id", "in", [...ids])
    .where("removed_at", "is", null)
    .execute();
  return rows.length;
}

/**
 * Finds the owner or enters it. Persons who own together are the same owner wherever they are named; of companies and the
 * developer the persons who act for them are those named last.
 */
export async function ensureOwner(trx: Trx, id: string, owner: RollOwner): Promise<string> {
  const key = keyOf(owner);
  await trx
    .insertInto("roll_owner")
    .values({ id, key, kind: owner.kind, name: owner.kind === "persons" ? null : owner.name.trim() })
    .onConflict((conflict) => conflict.column("key").doUpdateSet((eb) => ({ name: eb.ref("excluded.name") })))
    .execute();
  const row = await trx
    .selectFrom("roll_owner")
    .select("id")
    .where("key", "=", key)
    .executeTakeFirstOrThrow();
  await trx.deleteFrom("roll_owner_person").where("owner_id", "=", row.id).execute();
  await trx
    .insertInto("roll_owner_person")
    .values(owner.personIds.map((personId) => ({ owner_id: row.id, person_id: personId })))
    .execute();
  return row.id;
}

function keyOf(owner: RollOwner): string {
  const named: DwellingOwner =
    owner.kind === "company" ? { kind: "company", companyId: owner.name.trim() } : owner;
  return ownerKey(named);
}

export async function putRollDwelling(
  trx: Trx,
  dwelling: { readonly dwellingId: string; readonly areaDm2: number; readonly ownerId: string },
): Promise<void> {
  const values = { area_dm2: dwelling.areaDm2, owner_id: dwelling.ownerId };
  await trx
    .insertInto("roll_dwelling")
    .values({ dwelling_id: dwelling.dwellingId, ...values })
    .onConflict((conflict) => conflict.column("dwelling_id").doUpdateSet(values))
    .execute();
}

/** Whether there was one. */
export async function deleteRollDwelling(trx: Trx, dwellingId: string): Promise<boolean> {
  const row = await trx
    .deleteFrom("roll_dwelling")
    .where("dwelling_id", "=", dwellingId)
    .returning("dwelling_id")
    .executeTakeFirst();
  return row !== undefined;
}

/** Forgets owners who own nothing any more. */
export async function deleteIdleOwners(trx: Trx): Promise<void> {
  await sql`delete from roll_owner where not exists (select from roll_dwelling where owner_id = roll_owner.id)`.execute(
    trx,
  );
}

export async function isPresentDwelling(db: Reader, id: string): Promise<boolean> {
  const row = await db
    .selectFrom("dwelling")
    .select("id")
    .where("id", "=", id)
    .where("removed_at", "is", null)
    .executeTakeFirst();
  return row !== undefined;
}
