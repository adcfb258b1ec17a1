import { runSql, type SqlScope } from "../../evidence-record/index.ts";

/** A leaf that says something of a credential that a gate asks about. */
export interface AskedLeaf {
  /** Of the credential, 16 bytes, hexadecimal. */
  readonly key: string;
  readonly leaf_id: string;
  /** `null` for a visitor pass, which is nobody's. */
  readonly person_id: string | null;
  readonly state: string;
  readonly dwelling_id: string | null;
  /** `null` while the log has not taken it. */
  readonly index: number | null;
}

/** Leaves that are not ended, of the credentials and visitor passes with these keys. */
export async function selectAskedLeaves(
  scope: SqlScope,
  keys: readonly Uint8Array[],
): Promise<readonly AskedLeaf[]> {
  const rows = await runSql<AskedLeaf & Record<string, unknown>>(
    scope,
    `select encode(c.key, 'hex') as key, l.leaf_id, c.person_id, c.state, h.dwelling_id, leaf.index
     from credential c
     join credential_leaf l on l.credential_id = c.id and l.ended_at is null
     left join home h on h.id = l.home_id
     left join evidence_leaf leaf on leaf.leaf_id = l.leaf_id
     where c.key = any ($1::bytea[]) and c.state <> 'replaced'
     union all
     select encode(v.credential_key, 'hex'), l.leaf_id, null, 'active', h.dwelling_id, leaf.index
     from visitor_pass v
     join credential_leaf l on l.pass_id = v.pass_id and l.ended_at is null
     join home h on h.id = l.home_id and h.ended_at is null
     left join evidence_leaf leaf on leaf.leaf_id = l.leaf_id
     where v.credential_key = any ($1::bytea[]) and v.revoked_at is null`,
    [keys],
  );
  return rows.map((row) => ({ ...row, index: row.index === null ? null : Number(row.index) }));
}

/** Who lives in these dwellings, or will. */
export function selectResidents(
  scope: SqlScope,
  at: number,
  dwellingIds: readonly string[],
): Promise<
  readonly { readonly person_id: string; readonly dwelling_id: string; readonly works_here: boolean }[]
> {
  const lives = "removed_at is null and (valid_until is null or valid_until > $1)";
  return runSql(
    scope,
    `select r.person_id, r.dwelling_id,
       exists (select from residency w where w.person_id = r.person_id and w.role = 'staff' and ${lives}) as works_here
     from residency r join person p on p.id = r.person_id and p.removed_at is null
     where r.dwelling_id = any ($2::uuid[]) and r.removed_at is null
       and (r.valid_until is null or r.valid_until > $1)`,
    [new Date(at), dwellingIds],
  );
}

/** When the log took the last of these leaves, Unix milliseconds. */
export async function selectTakenAt(
  scope: SqlScope,
  leafIds: readonly string[],
): Promise<number | undefined> {
  const [row] = await runSql<{ at: Date | number | null }>(
    scope,
    "select max(at) as at from evidence_leaf where leaf_id = any ($1::uuid[])",
    [leafIds],
  );
  return row?.at === null || row?.at === undefined ? undefined : Number(row.at);
}
