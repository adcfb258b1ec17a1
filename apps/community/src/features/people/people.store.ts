import { RESIDENCY_ROLES, type ResidencyRole } from "@menshen/domain";
import type { Person, personEndpoints, QueryOf, Residency, residencyEndpoints } from "@menshen/wire";
import { sql } from "kysely";
import { cutPage, decodeCursor } from "../../database/cursor.ts";
import { moment, optionalMoment, type Reader, type Trx } from "../../database/database.ts";
import { compareNames, nameHolds } from "../../database/names.ts";
import { optional } from "../../database/records.ts";
import { CommunityError } from "../../errors.ts";
import type { SealedText } from "../../keys/person-keys.ts";

type PersonQuery = QueryOf<typeof personEndpoints.list>;
type ResidencyQuery = QueryOf<typeof residencyEndpoints.list>;

const DEFAULT_LIMIT = 100;

/** What a residency is made of. */
export interface ResidencyFields {
  readonly role: ResidencyRole;
  readonly dwellingId?: string | undefined;
  readonly from?: number | undefined;
  readonly until?: number | undefined;
}

function residencyQuery(db: Reader) {
  return db
    .selectFrom("residency")
    .innerJoin("person", "person.id", "residency.person_id")
    .leftJoin("dwelling", "dwelling.id", "residency.dwelling_id")
    .leftJoin("building", "building.id", "dwelling.building_id")
    .selectAll("residency")
    .select([
      "person.display_name as person_name",
      "dwelling.name as dwelling_name",
      "building.name as building_name",
    ]);
}

type ResidencyRow = Awaited<ReturnType<ReturnType<typeof residencyQuery>["executeTakeFirstOrThrow"]>>;

function residencyView(row: ResidencyRow, at: number): Residency {
  return {
    id: row.id,
    revision: row.revision,
    personId: row.person_id,
    personName: row.person_name,
    role: parseResidencyRole(row.role),
    state: stateOf(row.valid_from, row.valid_until, at),
    ...optional("dwellingId", row.dwelling_id),
    ...optional("dwellingName", row.dwelling_name),
    ...optional("buildingName", row.building_name),
    ...optional("from", row.valid_from),
    ...optional("until", row.valid_until),
    ...optional("removedAt", row.removed_at),
  };
}

export function parseResidencyRole(text: string): ResidencyRole {
  const role = RESIDENCY_ROLES.find((candidate) => candidate === text);
  if (role === undefined) throw new CommunityError("internal", "stored residency role is unknown");
  return role;
}

function stateOf(from: number | null, until: number | null, at: number): Residency["state"] {
  if (until !== null && until <= at) return "past";
  return from !== null && from > at ? "future" : "current";
}

export async function selectResidency(db: Reader, id: string, at: number): Promise<Residency | undefined> {
  const row = await residencyQuery(db).where("residency.id", "=", id).executeTakeFirst();
  return row && residencyView(row, at);
}

/** In the order of their ids: a stable order that does not depend on names. */
export async function selectResidencies(db: Reader, query: ResidencyQuery, at: number) {
  const limit = query.limit ?? DEFAULT_LIMIT;
  let select = residencyQuery(db)
    .where("residency.removed_at", query.removed ? "is not" : "is", null)
    .where("person.removed_at", "is", null)
    .orderBy("residency.id")
    .limit(limit + 1);
  if (query.personId !== undefined) select = select.where("residency.person_id", "=", query.personId);
  if (query.dwellingId !== undefined) select = select.where("residency.dwelling_id", "=", query.dwellingId);
  const now = moment(at);
  if (query.state === "past") select = select.where("residency.valid_until", "<=", now);
  if (query.state === "future") select = select.where("residency.valid_from", ">", now);
  if (query.state === "current") {
    select = select
      .where((eb) => eb.or([eb("residency.valid_from", "is", null), eb("residency.valid_from", "<=", now)]))
      .where((eb) => eb.or([eb("residency.valid_until", "is", null), eb("residency.valid_until", ">", now)]));
  }
  if (query.cursor !== undefined) {
    const [id] = decodeCursor(query.cursor, ["string"]);
    select = select.where("residency.id", ">", id);
  }
  const page = cutPage(await select.execute(), limit, (row) => [row.id]);
  return {
    items: page.rows.map((row) => residencyView(row, at)),
    ...optional("nextCursor", page.nextCursor),
  };
}

export async function insertResidency(
  trx: Trx,
  residency: ResidencyFields & { readonly id: string; readonly personId: string },
): Promise<void> {
  await trx
    .insertInto("residency")
    .values({
      id: residency.id,
      person_id: residency.personId,
      role: residency.role,
      dwelling_id: residency.dwellingId ?? null,
      valid_from: optionalMoment(residency.from),
      valid_until: optionalMoment(residency.until),
    })
    .execute();
}

export async function updateResidency(trx: Trx, id: string, fields: ResidencyFields): Promise<void> {
  await trx
    .updateTable("residency")
    .set((eb) => ({
      role: fields.role,
      dwelling_id: fields.dwellingId ?? null,
      valid_from: optionalMoment(fields.from),
      valid_until: optionalMoment(fields.until),
      revision: eb("revision", "+", 1),
    }))
    .where("id", "=", id)
    .execute();
}

/** Whether a dwelling is there and not removed. */
export async function dwellingExists(db: Reader, id: string): Promise<boolean> {
  const row = await db
    .selectFrom("dwelling")
    .select("id")
    .where("id", "=", id)
    .where("removed_at", "is", null)
    .executeTakeFirst();
  return row !== undefined;
}

function personQuery(db: Reader) {
  return db
    .selectFrom("person")
    .selectAll("person")
    .select((eb) =>
      eb
        .selectFrom("credential")
        .select(sql<number>`count(*)`.as("n"))
        .whereRef("credential.person_id", "=", "person.id")
        .where("credential.state", "=", "active")
        .as("credential_count"),
    );
}

type PersonRow = Awaited<ReturnType<ReturnType<typeof personQuery>["executeTakeFirstOrThrow"]>>;

async function withResidencies(db: Reader, rows: readonly PersonRow[], at: number): Promise<Person[]> {
  const residencies =
    rows.length === 0
      ? []
      : await residencyQuery(db)
          .where(
            "residency.person_id",
            "in",
            rows.map((row) => row.id),
          )
          .where("residency.removed_at", "is", null)
          .orderBy("residency.valid_from", (order) => order.desc().nullsLast())
          .orderBy("residency.id")
          .execute();
  const byPerson = Map.groupBy(residencies, (residency) => residency.person_id);
  return rows.map((row) => ({
    id: row.id,
    revision: row.revision,
    displayName: row.display_name,
    residencies: (byPerson.get(row.id) ?? []).map((residency) => residencyView(residency, at)),
    credentialCount: row.credential_count ?? 0,
    ...optional("removedAt", row.removed_at),
  }));
}

export async function selectPerson(db: Reader, id: string, at: number): Promise<Person | undefined> {
  const rows = await personQuery(db).where("person.id", "=", id).execute();
  const [person] = await withResidencies(db, rows, at);
  return person;
}

/** In the order of their names. The database reads no name: what fits is looked through here, page by page. */
export async function selectPeople(db: Reader, query: PersonQuery, at: number) {
  const limit = query.limit ?? DEFAULT_LIMIT;
  let select = db
    .selectFrom("person")
    .select(["person.id", "person.display_name as name"])
    .where("person.removed_at", query.removed ? "is not" : "is", null);
  if (query.dwellingId !== undefined || query.buildingId !== undefined || query.role !== undefined) {
    select = select.where((eb) => {
      let match = eb
        .selectFrom("residency")
        .leftJoin("dwelling", "dwelling.id", "residency.dwelling_id")
        .select("residency.id")
        .whereRef("residency.person_id", "=", "person.id")
        .where("residency.removed_at", "is", null);
      if (query.dwellingId !== undefined) match = match.where("residency.dwelling_id", "=", query.dwellingId);
      if (query.buildingId !== undefined) match = match.where("dwelling.building_id", "=", query.buildingId);
      if (query.role !== undefined) match = match.where("residency.role", "=", query.role);
      return eb.exists(match);
    });
  }
  const { text, cursor } = query;
  let named = (await select.execute()).filter(({ name }) => !text || nameHolds(name, text)).toSorted(byName);
  if (cursor !== undefined) {
    const [name, id] = decodeCursor(cursor, ["string", "string"]);
    named = named.filter((one) => byName(one, { name, id }) > 0);
  }
  const page = cutPage(named.slice(0, limit + 1), limit, ({ name, id }) => [name, id]);
  const ids = page.rows.map(({ id }) => id);
  const rows = ids.length === 0 ? [] : await personQuery(db).where("person.id", "in", ids).execute();
  const byId = new Map(rows.map((row) => [row.id, row]));
  const items = await withResidencies(
    db,
    ids.flatMap((id) => byId.get(id) ?? []),
    at,
  );
  return { items, ...optional("nextCursor", page.nextCursor) };
}

interface Named {
  readonly id: string;
  readonly name: string;
}

function byName(one: Named, other: Named): number {
  return compareNames(one.name, other.name) || (one.id < other.id ? -1 : Number(one.id > other.id));
}

export async function insertPerson(
  trx: Trx,
  person: { readonly id: string; readonly displayName: SealedText },
): Promise<void> {
  await trx.insertInto("person").values({ id: person.id, display_name: person.displayName }).execute();
}

export async function updatePerson(trx: Trx, id: string, displayName: SealedText): Promise<void> {
  await trx
    .updateTable("person")
    .set((eb) => ({ display_name: displayName, revision: eb("revision", "+", 1) }))
    .where("id", "=", id)
    .execute();
}
