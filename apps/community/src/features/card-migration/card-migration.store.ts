import { COPYABLE_KINDS, type CredentialKind, type Grade } from "@menshen/domain";
import type { ToVisit } from "@menshen/wire";
import { sql } from "kysely";
import { moment, type Reader } from "../../database/database.ts";
import { optional } from "../../database/records.ts";
import { parseKind, parseStoredGrade } from "../credentials/index.ts";

/** Credentials of one kind and grade, of one building, at one moment. */
export interface CountedCredentials {
  readonly at: number;
  readonly buildingId: string | undefined;
  readonly buildingName: string | undefined;
  readonly kind: CredentialKind;
  readonly grade: Grade;
  readonly count: number;
}

const KINDS = [...COPYABLE_KINDS];
const MOST_LISTED = 1_000;
/** In use: what opens, and what is only stopped for now. */
const IN_USE = sql.raw("c.state in ('active', 'blocked')");
/** Ended by itself. */
const OVER = (at: number) => sql`c.valid_until is not null and c.valid_until <= ${moment(at)}`;

/**
 * What was in use at each of these moments, as far as the register still tells: what ended since counts until it ended,
 * short interruptions are not seen.
 */
export async function selectCounted(
  db: Reader,
  moments: readonly number[],
): Promise<readonly CountedCredentials[]> {
  const { rows } = await sql<{
    at: number;
    building_id: string | null;
    building_name: string | null;
    kind: string;
    grade: string;
    count: number;
  }>`
    select m.at, b.id as building_id, b.name as building_name, c.kind, c.grade, count(*)::integer as count
    from unnest(${moments.map((at) => new Date(at))}::timestamptz[]) as m(at)
    join credential c on c.enrolled_at <= m.at and (c.valid_until is null or c.valid_until > m.at)
      and (${IN_USE} or (c.state <> 'ordered' and c.label <> '' and c.state_changed_at > m.at))
    join person p on p.id = c.person_id and p.removed_at is null
    left join dwelling d on d.id = c.dwelling_id
    left join building b on b.id = d.building_id
    group by m.at, b.id, b.name, c.kind, c.grade`.execute(db);
  return rows.map((row) => ({
    at: row.at,
    buildingId: row.building_id ?? undefined,
    buildingName: row.building_name ?? undefined,
    kind: parseKind(row.kind),
    grade: parseStoredGrade(row.grade),
    count: row.count,
  }));
}

/** Persons with a mere number, by building; `undefined` for those without a dwelling. */
export async function selectToVisitCounts(
  db: Reader,
  at: number,
): Promise<ReadonlyMap<string | undefined, number>> {
  const { rows } = await sql<{ building_id: string | null; count: number }>`
    select d.building_id, count(distinct c.person_id)::integer as count
    from credential c
    join person p on p.id = c.person_id and p.removed_at is null
    left join dwelling d on d.id = c.dwelling_id
    where ${IN_USE} and not (${OVER(at)}) and c.kind = any (${KINDS}::text[])
    group by d.building_id`.execute(db);
  return new Map(rows.map(({ building_id, count }) => [building_id ?? undefined, count]));
}

/** Ends of mere numbers up to a moment. */
export async function selectEnds(db: Reader, at: number, before: number): Promise<readonly number[]> {
  const { rows } = await sql<{ valid_until: number }>`
    select c.valid_until from credential c
    join person p on p.id = c.person_id and p.removed_at is null
    where ${IN_USE} and c.kind = any (${KINDS}::text[])
      and c.valid_until > ${moment(at)} and c.valid_until <= ${moment(before)}`.execute(db);
  return rows.map(({ valid_until }) => valid_until);
}

export async function selectToVisit(
  db: Reader,
  at: number,
  buildingId: string | undefined,
): Promise<readonly ToVisit[]> {
  const { rows } = await sql<{
    person_id: string;
    person_name: string;
    building_name: string | null;
    dwelling_name: string | null;
    has_better: boolean;
    id: string;
    kind: string;
    label: string;
    grade: string;
    valid_until: number | null;
  }>`
    with listed as (
      select c.person_id, c.dwelling_id from credential c
      join person p on p.id = c.person_id and p.removed_at is null
      left join dwelling d on d.id = c.dwelling_id
      left join building b on b.id = d.building_id
      where ${IN_USE} and not (${OVER(at)}) and c.kind = any (${KINDS}::text[])
        and (${buildingId ?? null}::uuid is null or d.building_id = ${buildingId ?? null}::uuid)
      group by c.person_id, c.dwelling_id, b.name, d.name
      order by b.name nulls last, d.name, c.person_id limit ${MOST_LISTED})
    select c.person_id, p.display_name as person_name, b.name as building_name, d.name as dwelling_name,
      exists (select from credential o where o.person_id = c.person_id and o.state = 'active'
        and o.kind <> all (${KINDS}::text[]) and o.kind <> 'pin') as has_better,
      c.id, c.kind, c.label, c.grade, c.valid_until
    from listed l
    join credential c on c.person_id = l.person_id and c.dwelling_id is not distinct from l.dwelling_id
    join person p on p.id = c.person_id
    left join dwelling d on d.id = c.dwelling_id
    left join building b on b.id = d.building_id
    where ${IN_USE} and not (${OVER(at)}) and c.kind = any (${KINDS}::text[])
    order by b.name nulls last, d.name, c.person_id, c.enrolled_at`.execute(db);
  const people = new Map<string, ToVisit>();
  for (const row of rows) {
    const name = `${row.person_id} ${row.building_name} ${row.dwelling_name}`;
    const person = people.get(name) ?? {
      personId: row.person_id,
      personName: row.person_name,
      ...optional("buildingName", row.building_name),
      ...optional("dwellingName", row.dwelling_name),
      hasBetter: row.has_better,
      credentials: [],
    };
    person.credentials.push({
      id: row.id,
      kind: parseKind(row.kind),
      label: row.label,
      grade: parseStoredGrade(row.grade),
      ...optional("until", row.valid_until),
    });
    people.set(name, person);
  }
  return [...people.values()];
}
