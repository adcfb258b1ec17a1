import type { Building, buildingEndpoints, Dwelling, dwellingEndpoints, QueryOf } from "@menshen/wire";
import { sql } from "kysely";
import { pageByName } from "../../database/by-name.ts";
import { cutPage, decodeCursor } from "../../database/cursor.ts";
import { containing, moment, type Reader, type Trx } from "../../database/database.ts";
import { optional } from "../../database/records.ts";

type BuildingQuery = QueryOf<typeof buildingEndpoints.list>;
type DwellingQuery = QueryOf<typeof dwellingEndpoints.list>;

const DEFAULT_LIMIT = 100;

function buildingQuery(db: Reader) {
  return db
    .selectFrom("building")
    .selectAll("building")
    .select((eb) =>
      eb
        .selectFrom("dwelling")
        .select(sql<number>`count(*)`.as("n"))
        .whereRef("dwelling.building_id", "=", "building.id")
        .where("dwelling.removed_at", "is", null)
        .as("dwelling_count"),
    );
}

function buildingView(row: {
  readonly id: string;
  readonly revision: number;
  readonly name: string;
  readonly area_id: string;
  readonly removed_at: number | null;
  readonly dwelling_count: number | null;
}): Building {
  return {
    id: row.id,
    revision: row.revision,
    name: row.name,
    areaId: row.area_id,
    dwellingCount: row.dwelling_count ?? 0,
    ...optional("removedAt", row.removed_at),
  };
}

export async function selectBuilding(db: Reader, id: string): Promise<Building | undefined> {
  const row = await buildingQuery(db).where("building.id", "=", id).executeTakeFirst();
  return row && buildingView(row);
}

export async function selectBuildings(db: Reader, query: BuildingQuery) {
  let records = buildingQuery(db);
  if (query.text) records = records.where("building.name", "ilike", containing(query.text));
  return pageByName(records, "building", query, buildingView);
}

export async function insertBuilding(
  trx: Trx,
  building: { readonly id: string; readonly name: string; readonly areaId: string },
): Promise<void> {
  await trx
    .insertInto("building")
    .values({ id: building.id, name: building.name, area_id: building.areaId })
    .execute();
}

export async function updateBuilding(
  trx: Trx,
  id: string,
  values: { readonly name: string; readonly areaId: string },
): Promise<void> {
  await trx
    .updateTable("building")
    .set((eb) => ({ name: values.name, area_id: values.areaId, revision: eb("revision", "+", 1) }))
    .where("id", "=", id)
    .execute();
}

/** Whether an area is there and not removed. */
export async function areaExists(db: Reader, id: string): Promise<boolean> {
  const row = await db
    .selectFrom("area")
    .select("id")
    .where("id", "=", id)
    .where("removed_at", "is", null)
    .executeTakeFirst();
  return row !== undefined;
}

/** Doors of a building that are not removed. */
export async function countPortalsOf(db: Reader, buildingId: string): Promise<number> {
  const { n } = await db
    .selectFrom("portal")
    .select(sql<number>`count(*)`.as("n"))
    .where("building_id", "=", buildingId)
    .where("removed_at", "is", null)
    .executeTakeFirstOrThrow();
  return n;
}

function dwellingQuery(db: Reader, at: number) {
  return db
    .selectFrom("dwelling")
    .innerJoin("building", "building.id", "dwelling.building_id")
    .selectAll("dwelling")
    .select("building.name as building_name")
    .select((eb) =>
      eb
        .selectFrom("residency")
        .innerJoin("person", "person.id", "residency.person_id")
        .select(sql<number>`count(*)`.as("n"))
        .whereRef("residency.dwelling_id", "=", "dwelling.id")
        .where("residency.removed_at", "is", null)
        .where("person.removed_at", "is", null)
        .where((or) => or.or([or("valid_from", "is", null), or("valid_from", "<=", moment(at))]))
        .where((or) => or.or([or("valid_until", "is", null), or("valid_until", ">", moment(at))]))
        .as("resident_count"),
    );
}

function dwellingView(row: {
  readonly id: string;
  readonly revision: number;
  readonly building_id: string;
  readonly building_name: string;
  readonly name: string;
  readonly removed_at: number | null;
  readonly resident_count: number | null;
}): Dwelling {
  return {
    id: row.id,
    revision: row.revision,
    buildingId: row.building_id,
    buildingName: row.building_name,
    name: row.name,
    residentCount: row.resident_count ?? 0,
    ...optional("removedAt", row.removed_at),
  };
}

export async function selectDwelling(db: Reader, id: string, at: number): Promise<Dwelling | undefined> {
  const row = await dwellingQuery(db, at).where("dwelling.id", "=", id).executeTakeFirst();
  return row && dwellingView(row);
}

/** Ordered by building, then by name. */
export async function selectDwellings(db: Reader, query: DwellingQuery, at: number) {
  const limit = query.limit ?? DEFAULT_LIMIT;
  let select = dwellingQuery(db, at)
    .where("dwelling.removed_at", query.removed ? "is not" : "is", null)
    .orderBy("building.name")
    .orderBy("dwelling.name")
    .orderBy("dwelling.id")
    .limit(limit + 1);
  if (query.buildingId !== undefined) select = select.where("dwelling.building_id", "=", query.buildingId);
  if (query.text) select = select.where("dwelling.name", "ilike", containing(query.text));
  if (query.cursor !== undefined) {
    const [building, name, id] = decodeCursor(query.cursor, ["string", "string", "string"]);
    select = select.where((eb) =>
      eb(eb.refTuple("building.name", "dwelling.name", "dwelling.id"), ">", eb.tuple(building, name, id)),
    );
  }
  const page = cutPage(await select.execute(), limit, (row) => [row.building_name, row.name, row.id]);
  return { items: page.rows.map(dwellingView), ...optional("nextCursor", page.nextCursor) };
}

export async function insertDwelling(
  trx: Trx,
  dwelling: { readonly id: string; readonly buildingId: string; readonly name: string },
): Promise<void> {
  await trx
    .insertInto("dwelling")
    .values({ id: dwelling.id, building_id: dwelling.buildingId, name: dwelling.name })
    .execute();
}

export async function updateDwelling(
  trx: Trx,
  id: string,
  values: { readonly buildingId: string; readonly name: string },
): Promise<void> {
  await trx
    .updateTable("dwelling")
    .set((eb) => ({ building_id: values.buildingId, name: values.name, revision: eb("revision", "+", 1) }))
    .where("id", "=", id)
    .execute();
}

/** Residencies that hold now or later. */
export async function countResidenciesOf(db: Reader, dwellingId: string, at: number): Promise<number> {
  const { n } = await db
    .selectFrom("residency")
    .innerJoin("person", "person.id", "residency.person_id")
    .select(sql<number>`count(*)`.as("n"))
    .where("dwelling_id", "=", dwellingId)
    .where("residency.removed_at", "is", null)
    .where("person.removed_at", "is", null)
    .where((eb) => eb.or([eb("valid_until", "is", null), eb("valid_until", ">", moment(at))]))
    .executeTakeFirstOrThrow();
  return n;
}
