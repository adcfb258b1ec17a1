import type { SearchHit } from "@menshen/wire";
import { sql } from "kysely";
import { containing, type Reader } from "../../database/database.ts";

type HitType = SearchHit["type"];

/** For each kind of thing: title, subtitle, whose it is, and the rest of a query that finds it by `pattern`. */
const SOURCES: Readonly<Record<HitType, string>> = {
  person: `select 'person' as type, p.id::text, p.display_name as title,
      (select string_agg(distinct concat_ws(' ', b.name, d.name), ', ') from residency r
         left join dwelling d on d.id = r.dwelling_id left join building b on b.id = d.building_id
         where r.person_id = p.id and r.removed_at is null) as subtitle, null as person_id
    from person p where p.removed_at is null and p.display_name ilike $1`,
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
  credential: `select 'credential', c.id::text, concat_ws(' ', c.kind, c.label), p.display_name, p.id::text
    from credential c join person p on p.id = c.person_id where c.label ilike $1 and c.state <> 'replaced'`,
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
  const parts = types.map((type) => {
    const [before = "", after = ""] = SOURCES[type].split("$1");
    return sql`(${sql.raw(before)}${pattern}${sql.raw(after)} limit ${limit})`;
  });
  if (parts.length === 0) return [];
  const { rows } = await sql<HitRow>`
    select * from (${sql.join(parts, sql` union all `)}) as hit(type, id, title, subtitle, person_id)
    order by title not ilike ${pattern.slice(1)}, char_length(title), title, id limit ${limit}`.execute(db);
  return rows.map(({ subtitle, person_id: personId, ...hit }) => ({
    ...hit,
    ...(subtitle === null || subtitle === "" ? {} : { subtitle }),
    ...(personId === null ? {} : { personId }),
  }));
}
