import type { SearchHit } from "@menshen/wire";
import { sql } from "kysely";
import { containing, type Reader } from "../../database/database.ts";
import { compareNames, selectPeopleNamed } from "../../database/names.ts";
import { optional } from "../../database/records.ts";

type HitType = SearchHit["type"];

/**
 * For each kind of thing: title, subtitle, whose it is, and the rest of a query that finds it by a pattern; people by their
 * ids. Names of people are put in afterwards.
 */
const SOURCES: Readonly<Record<HitType, string>> = {
  person: `select 'person' as type, p.id::text, '' as title,
      (select string_agg(distinct concat_ws(' ', b.name, d.name), ', ') from residency r
         left join dwelling d on d.id = r.dwelling_id left join building b on b.id = d.building_id
         where r.person_id = p.id and r.removed_at is null) as subtitle, null as person_id
    from person p where p.id = any($1::uuid[])`,
  dwelling: `select 'dwelling', d.id::text, concat_ws(' ', b.name, d.name), null, null
    from dwelling d join building b on b.id = d.building_id
    where d.removed_at is null and concat_ws(' ', b.name, d.name) ilike $1`,
  building:
    "select 'building', id::text, name, null, null from building where removed_at is null and name ilike $1",
  portal:
    "select 'portal', id::text, name, null, null from portal where removed_at is null and name ilike $1",
  gate: "select 'gate', id::text, name, null, null from gate where removed_at is null and name ilike $1",
  reader:
    "select 'reader', id::text, name, null, null from reader where removed_at is null and name ilike $1",
  credential: `select 'credential', c.id::text, concat_ws(' ', c.kind, c.label), null, c.person_id::text
    from credential c where c.label ilike $1 and c.state <> 'replaced'`,
  schedule:
    "select 'schedule', id::text, name, null, null from schedule where removed_at is null and name ilike $1",
  rule: "select 'rule', id::text, name, null, null from access_rule where removed_at is null and name ilike $1",
  staff:
    "select 'staff', id::text, display_name, null, null from staff where removed_at is null and display_name ilike $1",
};

interface HitRow {
  readonly type: HitType;
  readonly id: string;
  readonly title: string;
  readonly subtitle: string | null;
  readonly person_id: string | null;
}

/** Names that begin with the text first, then the shorter ones. */
export async function selectHits(
  db: Reader,
  types: readonly HitType[],
  text: string,
  limit: number,
): Promise<SearchHit[]> {
  const pattern = containing(text);
  const people = types.includes("person") ? await selectPeopleNamed(db, text) : [];
  const fitting = people.toSorted(better(text, ({ name }) => name)).slice(0, limit);
  const parts = types.map((type) => {
    const [before = "", after = ""] = SOURCES[type].split(/\$1/);
    const wanted = type === "person" ? fitting.map(({ id }) => id) : pattern;
    return sql`(${sql.raw(before)}${wanted}${sql.raw(after)} limit ${limit})`;
  });
  if (parts.length === 0) return [];
  const { rows } = await sql<HitRow>`
    select * from (${sql.join(parts, sql` union all `)}) as hit(type, id, title, subtitle, person_id)`.execute(
    db,
  );
  const names = new Map(fitting.map(({ id, name }) => [id, name]));
  const holders = await selectNames(
    db,
    rows.flatMap(({ person_id: id }) => id ?? []),
  );
  return rows
    .map(({ subtitle, person_id: personId, ...hit }) => ({
      ...hit,
      title: hit.type === "person" ? (names.get(hit.id) ?? "") : hit.title,
      ...(personId === null ? {} : { personId, ...optional("subtitle", holders.get(personId)) }),
      ...(subtitle === null || subtitle === "" ? {} : { subtitle }),
    }))
    .toSorted(better(text, ({ title }) => title))
    .slice(0, limit);
}

async function selectNames(db: Reader, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom("person")
    .select(["id", "display_name as name"])
    .where("id", "in", [...new Set(ids)])
    .execute();
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** Those that begin with the text first, then the shorter ones. */
function better<T extends { readonly id: string }>(text: string, titleOf: (one: T) => string) {
  const start = text.toLocaleLowerCase();
  const begins = (title: string) => title.toLocaleLowerCase().startsWith(start);
  return (one: T, other: T): number => {
    const [title, second] = [titleOf(one), titleOf(other)];
    return (
      Number(begins(second)) - Number(begins(title)) ||
      title.length - second.length ||
      compareNames(title, second) ||
      (one.id < other.id ? -1 : 1)
    );
  };
}
