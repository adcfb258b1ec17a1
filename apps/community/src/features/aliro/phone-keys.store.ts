import type { CredentialState, IssuedDocument, OwnPhoneKey, PhoneKeyRequest } from "@menshen/wire";
import { optional } from "../../database/records.ts";
import { runSql, type SqlScope } from "../../evidence-record/index.ts";
import { parseState } from "../credentials/index.ts";

/** A reader of the desk that still waits for its telephone. */
export interface DeskRow {
  readonly keyId: string;
  readonly personId: string;
  readonly expiresAt: number;
}

export async function insertDesk(
  scope: SqlScope,
  desk: DeskRow & { readonly id: string; readonly staffId: string; readonly at: number },
): Promise<void> {
  await runSql(scope, "delete from aliro_desk where expires_at <= $1", [new Date(desk.at)]);
  await runSql(
    scope,
    "insert into aliro_desk (id, key_id, person_id, staff_id, expires_at) values ($1, $2, $3, $4, $5)",
    [desk.id, desk.keyId, desk.personId, desk.staffId, new Date(desk.expiresAt)],
  );
}

/** Takes a reader of the desk away: it serves one telephone. */
export async function takeDesk(scope: SqlScope, id: string): Promise<DeskRow | undefined> {
  const [row] = await runSql<{ key_id: string; person_id: string; expires_at: Date | number }>(
    scope,
    "delete from aliro_desk where id = $1 returning key_id, person_id, expires_at",
    [id],
  );
  return row && { keyId: row.key_id, personId: row.person_id, expiresAt: Number(row.expires_at) };
}

/** Asking twice is asking once. */
export async function insertRequest(scope: SqlScope, personId: string, at: number): Promise<boolean> {
  const rows = await runSql(
    scope,
    "insert into phone_key_request (person_id, asked_at) values ($1, $2) on conflict do nothing returning 1",
    [personId, new Date(at)],
  );
  return rows.length > 0;
}

/** Whether there was one. */
export async function deleteRequest(scope: SqlScope, personId: string): Promise<boolean> {
  const rows = await runSql(scope, "delete from phone_key_request where person_id = $1 returning 1", [
    personId,
  ]);
  return rows.length > 0;
}

export async function selectAskedAt(scope: SqlScope, personId: string): Promise<number | undefined> {
  const [row] = await runSql<{ asked_at: Date | number }>(
    scope,
    "select asked_at from phone_key_request where person_id = $1",
    [personId],
  );
  return row && Number(row.asked_at);
}

/** The longest waiting first, each with one of the homes that they live in. */
export async function selectRequests(scope: SqlScope, at: number): Promise<PhoneKeyRequest[]> {
  const rows = await runSql<{
    person_id: string;
    display_name: string;
    asked_at: Date | number;
    dwelling_id: string | null;
    dwelling_name: string | null;
  }>(
    scope,
    `select r.person_id, p.display_name, r.asked_at, h.id as dwelling_id, h.name as dwelling_name
     from phone_key_request r join person p on p.id = r.person_id and p.removed_at is null
     left join lateral (
       select d.id, d.name from residency l join dwelling d on d.id = l.dwelling_id and d.removed_at is null
       where l.person_id = r.person_id and l.removed_at is null and (l.valid_until is null or l.valid_until > $1)
       order by d.name, d.id limit 1
     ) h on true
     order by r.asked_at, r.person_id limit 500`,
    [new Date(at)],
  );
  return rows.map((row) => ({
    personId: row.person_id,
    personName: row.display_name,
    askedAt: Number(row.asked_at),
    ...optional("dwellingId", row.dwelling_id),
    ...optional("dwellingName", row.dwelling_name),
  }));
}

/** Keys on a person's telephones, the newest first. */
export async function selectOwnKeys(
  scope: SqlScope,
  personId: string,
): Promise<readonly Omit<OwnPhoneKey, "log">[]> {
  const rows = await runSql<{
    id: string;
    label: string;
    enrolled_at: Date | number;
    state: string;
    state_changed_at: Date | number;
    is_signed: boolean;
  }>(
    scope,
    `select c.id, c.label, c.enrolled_at, c.state, c.state_changed_at, r.credential_id is not null as is_signed
     from credential c left join credential_receipt r on r.credential_id = c.id
     where c.kind = 'phone' and c.person_id = $1
     order by c.enrolled_at desc, c.id limit 100`,
    [personId],
  );
  return rows.map((row) => ({
    id: row.id,
    label: row.label,
    enrolledAt: Number(row.enrolled_at),
    state: parseState(row.state),
    stateChangedAt: Number(row.state_changed_at),
    isSigned: row.is_signed,
  }));
}

/** The state of a person's own telephone key, locked. */
export async function lockOwnKey(
  scope: SqlScope,
  id: string,
  personId: string,
): Promise<CredentialState | undefined> {
  const [row] = await runSql<{ state: string }>(
    scope,
    "select state from credential where id = $1 and person_id = $2 and kind = 'phone' for update",
    [id, personId],
  );
  return row && parseState(row.state);
}

/** Documents that have not run out, the newest first. */
export async function selectDocuments(scope: SqlScope, at: number): Promise<IssuedDocument[]> {
  const rows = await runSql<{
    id: string;
    credential_id: string;
    person_id: string;
    display_name: string;
    label: string;
    issued_at: Date | number;
    issued_by_name: string | null;
    until: Date | number;
    is_withdrawn: boolean;
    is_over: boolean;
    indexes: (string | number)[];
  }>(
    scope,
    `select d.id, d.credential_id, c.person_id, p.display_name, c.label, d.issued_at,
       s.display_name as issued_by_name, d.valid_until as until, d.withdrawn_at is not null as is_withdrawn,
       c.state <> 'active' or exists (
         select from credential_leaf l where l.leaf_id = any (d.leaf_ids) and l.ended_at is not null
       ) as is_over,
       array(select e.index from evidence_leaf e where e.leaf_id = any (d.leaf_ids) order by e.index) as indexes
     from aliro_document d
     join credential c on c.id = d.credential_id
     join person p on p.id = c.person_id and p.removed_at is null
     left join staff s on s.id = d.issued_by
     where d.valid_until > $1
     order by d.issued_at desc, d.id limit 500`,
    [new Date(at)],
  );
  return rows.map((row) => ({
    id: row.id,
    credentialId: row.credential_id,
    personId: row.person_id,
    personName: row.display_name,
    label: row.label,
    issuedAt: Number(row.issued_at),
    ...optional("issuedByName", row.issued_by_name),
    until: Number(row.until),
    state: row.is_withdrawn ? "withdrawn" : row.is_over ? "over" : "good",
    leafIndexes: row.indexes.map(Number),
  }));
}

/** @returns how many there were to take back */
export async function withdrawDocuments(scope: SqlScope, credentialId: string, at: number): Promise<number> {
  const rows = await runSql(
    scope,
    `update aliro_document set withdrawn_at = $2
     where credential_id = $1 and withdrawn_at is null and valid_until > $2 returning 1`,
    [credentialId, new Date(at)],
  );
  return rows.length;
}

/** Until when gates refuse documents of this telephone, whatever it carries. */
export async function selectWithdrawnUntil(
  scope: SqlScope,
  credentialId: string,
  at: number,
): Promise<number | undefined> {
  const [row] = await runSql<{ until: Date | number | null }>(
    scope,
    `select max(valid_until) as until from aliro_document
     where credential_id = $1 and withdrawn_at is not null and valid_until > $2`,
    [credentialId, new Date(at)],
  );
  return row?.until === null || row === undefined ? undefined : Number(row.until);
}

/** Gates that are there, by door group. */
export async function selectGates(
  scope: SqlScope,
): Promise<readonly { readonly id: string; readonly name: string; readonly doorGroup: number }[]> {
  const rows = await runSql<{ id: string; name: string; door_group: number }>(
    scope,
    "select id, name, door_group from gate where removed_at is null order by name, id",
    [],
  );
  return rows.map(({ id, name, door_group }) => ({ id, name, doorGroup: door_group }));
}
