import { type IncidentTarget, PERSONAL_STORES, type PersonalStore } from "@menshen/wire";
import { type RawBuilder, sql } from "kysely";
import { moment, type Reader } from "../../database/database.ts";

/** When the data lay open, Unix milliseconds; an absent end is now. */
export interface OpenTime {
  readonly from: number;
  readonly until: number;
}

interface Affected {
  readonly person_id: string;
  readonly data: string;
}

/** Access points that the rules grant to a person: their gates hold the person's credentials. */
export type PlacesOf = (personId: string) => Promise<ReadonlySet<string>>;

/**
 * What of whom stood in each store at some moment of the time: whoever came later is not affected. A person whose coming is
 * no more on record counts. Persons who were erased meanwhile are gone, and with them what could be told of them.
 */
const STORES: Readonly<Record<PersonalStore, (time: OpenTime) => RawBuilder<Affected>>> = {
  people: ({ until }) => sql<Affected>`
    with present as (
      select id from person where not exists (
        select from change where entity = 'person' and entity_id = person.id::text and action = 'person.created'
          and at > ${moment(until)}))
    select id as person_id, 'name' as data from present
    union select person_id, 'home' from residency join present on present.id = person_id where dwelling_id is not null
      and not exists (select from change where entity = 'residency' and entity_id = residency.id::text
        and action = 'residency.created' and at > ${moment(until)})`,
  credentials: ({ until }) => sql<Affected>`
    select distinct person_id, 'credentials' as data from credential where enrolled_at <= ${moment(until)}`,
  accounts: ({ until }) => sql<Affected>`
    select person_id, 'account-keys' as data from resident_account where registered_at <= ${moment(until)}`,
  looks: ({ until }) => sql<Affected>`
    select distinct person_id, 'looks' as data from personal_view where at <= ${moment(until)}`,
  complaints: ({ until }) => sql<Affected>`
    select distinct person_id, 'complaints' as data from complaint
    where person_id is not null and text is not null and received_at <= ${moment(until)}`,
  visits: ({ until }) => sql<Affected>`
    select distinct residency.person_id, 'visits' as data from visit
    join residency on residency.dwelling_id = visit.dwelling_id and residency.removed_at is null
      and (valid_from is null or valid_from <= checked_in_at) and (valid_until is null or valid_until > checked_in_at)
    where checked_in_at <= ${moment(until)}`,
};

/** Everybody affected, each with the kinds of data: exactly those of whom something stood in what was hit. */
export async function selectAffected(
  db: Reader,
  targets: readonly IncidentTarget[],
  time: OpenTime,
  placesOf: PlacesOf,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const found = new Map<string, Set<string>>();
  const add = (rows: readonly Affected[]) => {
    for (const { person_id: personId, data } of rows) {
      found.set(personId, (found.get(personId) ?? new Set()).add(data));
    }
  };
  for (const target of targets) {
    switch (target.kind) {
      case "store":
        add((await STORES[target.store](time).execute(db)).rows);
        break;
      case "database":
        for (const store of PERSONAL_STORES) add((await STORES[store](time).execute(db)).rows);
        break;
      case "gate":
        add(await holdersAt(db, target.gateId, time, placesOf));
        break;
      case "credentials":
        add(
          await db
            .selectFrom("credential")
            .select(["person_id", sql<string>`'credentials'`.as("data")])
            .distinct()
            .where("id", "in", [...target.ids])
            .execute(),
        );
        break;
    }
  }
  return found;
}

/** A gate holds the credentials of those whom some rule lets through one of its access points, and nothing else of anybody. */
async function holdersAt(
  db: Reader,
  gateId: string,
  { until }: OpenTime,
  placesOf: PlacesOf,
): Promise<readonly Affected[]> {
  const points = await db
    .selectFrom("access_point")
    .innerJoin("portal", "portal.id", "access_point.portal_id")
    .select("access_point.id")
    .where("portal.gate_id", "=", gateId)
    .execute();
  const holders = await db
    .selectFrom("credential")
    .select("person_id")
    .distinct()
    .where("enrolled_at", "<=", moment(until))
    .execute();
  const held: Affected[] = [];
  for (const { person_id: personId } of holders) {
    const places = await placesOf(personId);
    if (points.some(({ id }) => places.has(id))) held.push({ person_id: personId, data: "credentials" });
  }
  return held;
}
