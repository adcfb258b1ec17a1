import type { VisitPurpose } from "@menshen/wire";
import { runSql, type SqlScope } from "../../evidence-record/index.ts";

/** A home that goes on, locked until the transaction ends. */
export interface HomeRow {
  readonly id: string;
  readonly dwelling_id: string;
  readonly tag: Uint8Array;
  readonly next_number: number;
  /** As registered last; `null` while the log does not know the home. */
  readonly access_point_ids: readonly string[] | null;
  readonly leaf_id: string | null;
  readonly sealed: Uint8Array;
}

/** Homes of these dwellings, locked in one order, so that two transactions wait for each other and never cross. */
export function lockHomes(scope: SqlScope, dwellingIds: readonly string[]): Promise<readonly HomeRow[]> {
  return runSql<HomeRow & Record<string, unknown>>(
    scope,
    `select h.id, h.dwelling_id, h.tag, h.next_number, h.access_point_ids::text[] as access_point_ids, h.leaf_id, k.sealed
     from home h join keys.home_key k on k.home_id = h.id
     where h.ended_at is null and h.dwelling_id = any ($1::uuid[]) order by h.id for update of h`,
    [dwellingIds],
  );
}

export async function insertHome(
  scope: SqlScope,
  home: {
    readonly id: string;
    readonly dwellingId: string;
    readonly tag: Uint8Array;
    readonly sealed: Uint8Array;
    readonly at: number;
  },
): Promise<void> {
  await runSql(scope, "insert into home (id, dwelling_id, tag, began_at) values ($1, $2, $3, $4)", [
    home.id,
    home.dwellingId,
    home.tag,
    new Date(home.at),
  ]);
  await runSql(scope, "insert into keys.home_key (home_id, sealed) values ($1, $2)", [home.id, home.sealed]);
}

export async function updateNextNumbers(
  scope: SqlScope,
  homes: readonly { readonly id: string; readonly next: number }[],
): Promise<void> {
  await runSql(
    scope,
    `update home set next_number = fresh.next from unnest($1::uuid[], $2::integer[]) as fresh (id, next)
     where home.id = fresh.id`,
    [homes.map(({ id }) => id), homes.map(({ next }) => next)],
  );
}

export async function updateRegistration(
  scope: SqlScope,
  homeId: string,
  accessPointIds: readonly string[],
  leafId: string,
): Promise<void> {
  await runSql(scope, "update home set access_point_ids = $2::uuid[], leaf_id = $3 where id = $1", [
    homeId,
    accessPointIds,
    leafId,
  ]);
}

/** Ends homes where nobody lives any more, of dwellings where these persons live or lived. */
export async function endEmptyHomes(
  scope: SqlScope,
  at: number,
  persons: readonly string[],
): Promise<readonly { readonly id: string; readonly tag: Uint8Array; readonly leaf_id: string | null }[]> {
  const ended = await runSql<{ id: string; tag: Uint8Array; leaf_id: string | null }>(
    scope,
    `update home h set ended_at = $1 where h.ended_at is null
       and h.dwelling_id in (select dwelling_id from residency where person_id = any ($2::uuid[]))
       and not exists (select from residency r join dwelling d on d.id = r.dwelling_id
         join person p on p.id = r.person_id
         where r.dwelling_id = h.dwelling_id and d.removed_at is null and p.removed_at is null
           and r.removed_at is null and (r.valid_until is null or r.valid_until > $1))
     returning h.id, h.tag, h.leaf_id`,
    [new Date(at), persons],
  );
  await runSql(scope, "delete from keys.home_key where home_id = any ($1::uuid[])", [
    ended.map(({ id }) => id),
  ]);
  return ended;
}

export interface HomeOfResident {
  readonly id: string;
  readonly dwelling_id: string;
  readonly name: string;
  readonly tag: Uint8Array;
  readonly sealed: Uint8Array;
}

/** Homes of dwellings where this person lives now. */
export function selectHomesOf(
  scope: SqlScope,
  at: number,
  personId: string,
): Promise<readonly HomeOfResident[]> {
  return runSql<HomeOfResident & Record<string, unknown>>(
    scope,
    `select distinct h.id, h.dwelling_id, b.name || ' ' || d.name as name, h.tag, k.sealed
     from residency r
     join dwelling d on d.id = r.dwelling_id and d.removed_at is null
     join building b on b.id = d.building_id
     join home h on h.dwelling_id = d.id and h.ended_at is null
     join keys.home_key k on k.home_id = h.id
     where r.person_id = $2 and r.removed_at is null
       and (r.valid_from is null or r.valid_from <= $1) and (r.valid_until is null or r.valid_until > $1)`,
    [new Date(at), personId],
  );
}

export interface NumberedLeaf {
  readonly home_id: string;
  readonly number: number;
  readonly leaf_id: string;
  readonly holder: string | null;
  readonly label: string | null;
  readonly ended_at: number | null;
  /** Of a visitor pass that the desk made. */
  readonly purpose: VisitPurpose | null;
  readonly not_before: number | null;
  readonly not_after: number | null;
}

/** Every credential that a home ever had, by number. */
export function selectNumbered(
  scope: SqlScope,
  homeIds: readonly string[],
): Promise<readonly NumberedLeaf[]> {
  return runSql<NumberedLeaf & Record<string, unknown>>(
    scope,
    `select l.home_id, l.number, l.leaf_id, p.display_name as holder, c.label, l.ended_at,
       v.purpose, v.not_before, v.not_after
     from credential_leaf l
     left join credential c on c.id = l.credential_id
     left join person p on p.id = c.person_id
     left join visitor_pass v on v.pass_id = l.pass_id
     where l.home_id = any ($1::uuid[]) order by l.number`,
    [homeIds],
  );
}
