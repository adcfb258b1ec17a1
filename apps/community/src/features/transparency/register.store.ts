import { runSql, type SqlScope } from "../../evidence-record/index.ts";

/** A credential that opens something, or may again: what the log should say of it. */
export interface HeldCredential {
  readonly id: string;
  /** 16 bytes, hexadecimal. */
  readonly key: string;
  readonly kind: string;
  readonly person_id: string;
  /** Dwellings its holder lives in, or will. */
  readonly lives_in: readonly string[];
  readonly works_here: boolean;
  /** The dwelling it was enrolled for, whoever lives there. */
  readonly dwelling_id: string | null;
  readonly issued_by: string | null;
  readonly confirmed_by: string | null;
}

/** A leaf that puts a credential into the log, and is not ended. */
export interface OpenLeaf {
  readonly leaf_id: string;
  readonly credential_id: string | null;
  readonly dwelling_id: string | null;
  readonly tag: Uint8Array;
}

/** Records that a change was about. */
export interface Concerned {
  readonly credentials: readonly string[];
  readonly persons: readonly string[];
  readonly residencies: readonly string[];
  readonly dwellings: readonly string[];
}

const LIVES = "r.removed_at is null and (r.valid_until is null or r.valid_until > $1)";

/** Everybody whose credentials may have to be in the log now, or no more. */
export async function selectPersonsConcerned(scope: SqlScope, about: Concerned): Promise<readonly string[]> {
  const rows = await runSql<{ person_id: string }>(
    scope,
    `select person_id from credential where id = any ($1::uuid[])
     union select unnest($2::uuid[])
     union select person_id from residency where id = any ($3::uuid[]) or dwelling_id = any ($4::uuid[])`,
    [about.credentials, about.persons, about.residencies, about.dwellings],
  );
  return rows.map((row) => row.person_id);
}

/** Credentials in use of these persons. */
export function selectHeld(
  scope: SqlScope,
  at: number,
  persons: readonly string[],
): Promise<readonly HeldCredential[]> {
  return runSql<HeldCredential & Record<string, unknown>>(
    scope,
    `select c.id, encode(c.key, 'hex') as key, c.kind, c.person_id, c.dwelling_id, a.issued_by, a.confirmed_by,
       array(select distinct r.dwelling_id::text from residency r join dwelling d on d.id = r.dwelling_id
             where r.person_id = c.person_id and d.removed_at is null and ${LIVES} order by 1) as lives_in,
       exists (select from residency r where r.person_id = c.person_id and r.role = 'staff' and ${LIVES}) as works_here
     from credential c
     join person p on p.id = c.person_id and p.removed_at is null
     left join credential_approval a on a.credential_id = c.id
     where c.state in ('active', 'blocked') and c.person_id = any ($2::uuid[])
     order by c.enrolled_at, c.id`,
    [new Date(at), persons],
  );
}

/** Leaves that are not ended, of credentials of these persons; those of credentials that are gone too. */
export function selectOpenLeaves(scope: SqlScope, persons: readonly string[]): Promise<readonly OpenLeaf[]> {
  const columns = "l.leaf_id, l.credential_id, h.dwelling_id, l.tag";
  return runSql<OpenLeaf & Record<string, unknown>>(
    scope,
    `select ${columns} from credential_leaf l left join home h on h.id = l.home_id
       join credential c on c.id = l.credential_id
       where l.ended_at is null and c.person_id = any ($1::uuid[])
     union all
     select ${columns} from credential_leaf l left join home h on h.id = l.home_id
       where l.ended_at is null and l.credential_id is null and l.pass_id is null`,
    [persons],
  );
}

export async function endLeaves(scope: SqlScope, leafIds: readonly string[], at: number): Promise<void> {
  await runSql(scope, "update credential_leaf set ended_at = $2 where leaf_id = any ($1::uuid[])", [
    leafIds,
    new Date(at),
  ]);
}

/** Notes who issued a credential that another has to confirm. */
export async function insertIssuer(
  scope: SqlScope,
  credentialIds: readonly string[],
  staffId: string,
  at: number,
): Promise<void> {
  await runSql(
    scope,
    `insert into credential_approval (credential_id, issued_by, issued_at)
     select id, $2, $3 from unnest($1::uuid[]) as id on conflict do nothing`,
    [credentialIds, staffId, new Date(at)],
  );
}

export async function insertCredentialLeaves(
  scope: SqlScope,
  rows: readonly {
    readonly leafId: string;
    readonly credentialId: string;
    readonly topic: string;
    readonly home: { readonly id: string; readonly number: number } | undefined;
    readonly tag: Uint8Array;
  }[],
  at: number,
): Promise<void> {
  await runSql(
    scope,
    `insert into credential_leaf (leaf_id, credential_id, topic, home_id, number, tag, at)
     select *, $7 from unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::integer[], $6::bytea[])`,
    [
      rows.map(({ leafId }) => leafId),
      rows.map(({ credentialId }) => credentialId),
      rows.map(({ topic }) => topic),
      rows.map(({ home }) => home?.id ?? null),
      rows.map(({ home }) => home?.number ?? null),
      rows.map(({ tag }) => tag),
      new Date(at),
    ],
  );
}

export async function insertPassLeaf(
  scope: SqlScope,
  leaf: {
    readonly leafId: string;
    readonly passId: Uint8Array;
    readonly topic: string;
    readonly home: { readonly id: string; readonly number: number };
    readonly tag: Uint8Array;
  },
  at: number,
): Promise<void> {
  await runSql(
    scope,
    `insert into credential_leaf (leaf_id, pass_id, topic, home_id, number, tag, at)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [leaf.leafId, leaf.passId, leaf.topic, leaf.home.id, leaf.home.number, leaf.tag, new Date(at)],
  );
}

/** Leaves that are not ended, of these visitor passes and of all of these homes. */
export function selectLeavesOfPasses(
  scope: SqlScope,
  passIds: readonly Uint8Array[],
  homeIds: readonly string[],
): Promise<readonly { readonly leaf_id: string; readonly tag: Uint8Array }[]> {
  return runSql<{ leaf_id: string; tag: Uint8Array }>(
    scope,
    `select leaf_id, tag from credential_leaf where ended_at is null and pass_id is not null
       and (pass_id = any ($1::bytea[]) or home_id = any ($2::uuid[])) order by leaf_id for update`,
    [passIds, homeIds],
  );
}

/** Persons, by rising id, whose credentials and leaves look as if they differed. */
export async function selectPersonsToFollow(
  scope: SqlScope,
  at: number,
  after: string | undefined,
  limit: number,
): Promise<readonly string[]> {
  const rows = await runSql<{ person_id: string }>(
    scope,
    `select distinct c.person_id from credential c
     left join credential_leaf l on l.credential_id = c.id and l.ended_at is null
     left join home h on h.id = l.home_id
     left join residency r on r.dwelling_id = h.dwelling_id and r.person_id = c.person_id and ${LIVES}
     where c.person_id > coalesce($2::uuid, '00000000-0000-0000-0000-000000000000')
       and ((c.state in ('active', 'blocked')) <> (l.leaf_id is not null) or (h.id is not null and r.id is null))
     order by c.person_id limit $3`,
    [new Date(at), after ?? null, limit],
  );
  return rows.map((row) => row.person_id);
}
