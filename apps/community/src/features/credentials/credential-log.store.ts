import type { Credential, UnconfirmedCredential } from "@menshen/wire";
import { type RawBuilder, sql } from "kysely";
import { moment, type Reader, type Trx } from "../../database/database.ts";
import { optional } from "../../database/records.ts";
import { parseKind } from "./credentials.store.ts";

interface UnconfirmedRow {
  readonly id: string;
  readonly kind: string;
  readonly label: string;
  readonly person_id: string;
  readonly display_name: string;
  readonly enrolled_at: number;
  readonly works_here: boolean;
  readonly dwelling_name: string | null;
  readonly issued_by: string | null;
  readonly issued_by_name: string | null;
}

interface LogRow {
  readonly id: string;
  readonly waits: boolean;
  readonly leaves: number;
  readonly taken: number;
  readonly since: number | null;
}

/** Whether the holder of credential `c` works here now or later. */
function worksHere(at: number): RawBuilder<boolean> {
  return sql`exists (select from residency w where w.person_id = c.person_id and w.role = 'staff'
    and w.removed_at is null and (w.valid_until is null or w.valid_until > ${moment(at)}))`;
}

/** Whether two have to answer for credential `c`: its holder lives nowhere here, or works here. */
function needsTwo(at: number): RawBuilder<boolean> {
  return sql`(${worksHere(at)} or not exists (
    select from residency r join dwelling d on d.id = r.dwelling_id and d.removed_at is null
    where r.person_id = c.person_id and r.removed_at is null
      and (r.valid_until is null or r.valid_until > ${moment(at)})))`;
}

/** Credentials in use that two have to answer for and have not, the oldest first. */
export async function selectUnconfirmed(db: Reader, at: number): Promise<readonly UnconfirmedCredential[]> {
  const { rows } = await sql<UnconfirmedRow>`
    select c.id, c.kind, c.label, c.person_id, p.display_name, c.enrolled_at, ${worksHere(at)} as works_here,
      d.name as dwelling_name, a.issued_by, s.display_name as issued_by_name
    from credential c
    join person p on p.id = c.person_id and p.removed_at is null
    left join dwelling d on d.id = c.dwelling_id
    left join credential_approval a on a.credential_id = c.id
    left join staff s on s.id = a.issued_by
    where c.state in ('active', 'blocked') and a.confirmed_by is null and ${needsTwo(at)}
    order by c.enrolled_at, c.id limit 500`.execute(db);
  return rows.map((row) => ({
    credentialId: row.id,
    kind: parseKind(row.kind),
    label: row.label,
    personId: row.person_id,
    personName: row.display_name,
    enrolledAt: row.enrolled_at,
    purpose: row.works_here ? "staff" : row.dwelling_name === null ? "service" : "empty-dwelling",
    ...optional("dwellingName", row.dwelling_name),
    ...optional("issuedBy", row.issued_by),
    ...optional("issuedByName", row.issued_by_name),
  }));
}

/** How these credentials stand to the public log; nothing of those that open nothing any more. */
export async function logStatesOf(
  db: Reader,
  at: number,
  ids: readonly string[],
): Promise<ReadonlyMap<string, NonNullable<Credential["log"]>>> {
  const { rows } = await sql<LogRow>`
    select c.id, a.confirmed_by is null and ${needsTwo(at)} as waits, count(l.leaf_id)::integer as leaves,
      count(e.leaf_id)::integer as taken, max(e.at) as since
    from credential c
    left join credential_approval a on a.credential_id = c.id
    left join credential_leaf l on l.credential_id = c.id and l.ended_at is null
    left join evidence_leaf e on e.leaf_id = l.leaf_id
      and e.index < (select max(size) from evidence_checkpoint where published is not null)
    where c.id = any (${[...ids]}::uuid[]) and c.state in ('active', 'blocked')
    group by c.id, a.confirmed_by`.execute(db);
  return new Map(rows.map((row) => [row.id, logState(row)]));
}

/** The same credentials, each with how it stands to the public log. */
export async function withLogStates<C extends Credential>(
  db: Reader,
  at: number,
  credentials: readonly C[],
): Promise<C[]> {
  const states = await logStatesOf(
    db,
    at,
    credentials.map(({ id }) => id),
  );
  return credentials.map((credential) => {
    const log = states.get(credential.id);
    return log === undefined ? credential : { ...credential, log };
  });
}

function logState({ waits, leaves, taken, since }: LogRow): NonNullable<Credential["log"]> {
  if (waits) return { state: "second-person" };
  if (leaves === 0 || taken < leaves) return { state: "on-its-way" };
  return { state: "published", ...optional("since", since) };
}

/** Who answers for a credential: the first one issues it, the second one confirms it. */
export async function insertApproval(trx: Trx, id: string, staffId: string, at: number): Promise<void> {
  await sql`
    insert into credential_approval (credential_id, issued_by, issued_at) values (${id}, ${staffId}, ${moment(at)})
    on conflict (credential_id) do update set confirmed_by = excluded.issued_by, confirmed_at = excluded.issued_at
    where credential_approval.confirmed_by is null`.execute(trx);
}
