import { runSql, type SqlScope } from "../../evidence-record/index.ts";

/** A key by which telephones or gates know this community, with its secret sealed. */
export interface AliroKeyRow {
  readonly id: string;
  readonly use: "readers" | "documents";
  /** Of readers; with an identifier then. */
  readonly doorGroup: number | undefined;
  readonly identifier: Uint8Array | undefined;
  readonly publicKey: Uint8Array;
  readonly readerVersion: number;
  readonly beganAt: number;
  readonly sealed: Uint8Array;
}

/** Keys that have not ended, the newest first. */
export async function selectKeys(scope: SqlScope): Promise<readonly AliroKeyRow[]> {
  const rows = await runSql<{
    id: string;
    use: string;
    door_group: number | null;
    identifier: Uint8Array | null;
    public_key: Uint8Array;
    reader_version: number;
    began_at: Date | number;
    sealed: Uint8Array;
  }>(
    scope,
    `select k.id, k.use, k.door_group, k.identifier, k.public_key, k.reader_version, k.began_at, s.sealed
     from aliro_key k join keys.aliro_secret s on s.key_id = k.id
     where k.ended_at is null order by k.began_at desc, k.id`,
    [],
  );
  return rows.map((row) => ({
    id: row.id,
    use: row.use === "readers" ? "readers" : "documents",
    doorGroup: row.door_group ?? undefined,
    identifier: row.identifier === null ? undefined : new Uint8Array(row.identifier),
    publicKey: new Uint8Array(row.public_key),
    readerVersion: row.reader_version,
    beganAt: Number(row.began_at),
    sealed: row.sealed,
  }));
}

/** So that two who begin or end keys follow each other. */
export async function lockKeys(scope: SqlScope): Promise<void> {
  await runSql(scope, "lock table aliro_key in share row exclusive mode", []);
}

export async function insertKey(
  scope: SqlScope,
  key: Omit<AliroKeyRow, "readerVersion" | "beganAt"> & { readonly at: number },
): Promise<void> {
  await runSql(
    scope,
    `insert into aliro_key (id, use, door_group, identifier, public_key, began_at)
     values ($1, $2, $3, $4, $5, $6)`,
    [
      key.id,
      key.use,
      key.doorGroup ?? null,
      key.identifier === undefined ? null : Buffer.from(key.identifier),
      Buffer.from(key.publicKey),
      new Date(key.at),
    ],
  );
  await runSql(scope, "insert into keys.aliro_secret (key_id, sealed) values ($1, $2)", [
    key.id,
    Buffer.from(key.sealed),
  ]);
}

/** The secret is forgotten: nobody signs with the key any more. */
export async function endKey(scope: SqlScope, id: string, at: number): Promise<void> {
  await runSql(scope, "update aliro_key set ended_at = $2 where id = $1", [id, new Date(at)]);
  await runSql(scope, "delete from keys.aliro_secret where key_id = $1", [id]);
}

export async function raiseReaderVersion(scope: SqlScope, id: string): Promise<void> {
  await runSql(scope, "update aliro_key set reader_version = reader_version + 1 where id = $1", [id]);
}

/** Telephones that documents were issued to and have not run out, by the newest of them. */
export interface DocumentHolder {
  /** SHA-256 of the telephone's public key. */
  readonly hash: Uint8Array;
  /** Unix milliseconds: the last end of a document of it. */
  readonly until: number;
  /** When what is said of it changed last. */
  readonly changedAt: number;
  /** Its documents are worth nothing any more: its credential ended, or a leaf that proves it. */
  readonly isOver: boolean;
}

export async function selectHolders(scope: SqlScope, at: number): Promise<readonly DocumentHolder[]> {
  const rows = await runSql<{
    hash: Uint8Array;
    until: Date | number;
    changed_at: Date | number;
    is_over: boolean;
  }>(
    scope,
    `select distinct on (d.public_key_hash) d.public_key_hash as hash,
       max(d.valid_until) over (partition by d.public_key_hash) as until,
       greatest(d.issued_at, c.state_changed_at, l.ended_at, w.withdrawn_at) as changed_at,
       (c.id is null or c.state <> 'active' or l.ended_at is not null or w.withdrawn_at is not null) as is_over
     from aliro_document d
     left join credential c on c.id = d.credential_id
     left join lateral (
       select max(ended_at) as ended_at from credential_leaf where leaf_id = any (d.leaf_ids)
     ) l on true
     left join lateral (
       select max(withdrawn_at) as withdrawn_at from aliro_document
       where public_key_hash = d.public_key_hash and valid_until > $1
     ) w on true
     where d.valid_until > $1
     order by d.public_key_hash, d.issued_at desc, d.id`,
    [new Date(at)],
  );
  return rows.map((row) => ({
    hash: new Uint8Array(row.hash),
    until: Number(row.until),
    changedAt: Number(row.changed_at),
    isOver: row.is_over,
  }));
}

export async function insertDocument(
  scope: SqlScope,
  document: {
    readonly id: string;
    readonly credentialId: string;
    readonly publicKeyHash: Uint8Array;
    readonly leafIds: readonly string[];
    /** A member of staff; `undefined` for the holder. */
    readonly issuedBy: string | undefined;
    readonly at: number;
    readonly until: number;
  },
): Promise<void> {
  await runSql(
    scope,
    `insert into aliro_document (id, credential_id, public_key_hash, leaf_ids, issued_by, issued_at, valid_until)
     values ($1, $2, $3, $4::uuid[], $5, $6, $7)`,
    [
      document.id,
      document.credentialId,
      Buffer.from(document.publicKeyHash),
      document.leafIds,
      document.issuedBy ?? null,
      new Date(document.at),
      new Date(document.until),
    ],
  );
}

/** A telephone's credential as documents need it. */
export interface PhoneCredential {
  readonly id: string;
  readonly key: Uint8Array;
  readonly personId: string;
  readonly sealedIdentifier: Uint8Array;
  readonly label: string;
  readonly enrolledAt: number;
  readonly validFrom: number | undefined;
  readonly validUntil: number | undefined;
}

/** Active credentials of telephones: one by its id, or all of a person. */
export async function selectPhones(
  scope: SqlScope,
  which: { readonly id?: string; readonly personId?: string },
): Promise<readonly PhoneCredential[]> {
  const rows = await runSql<{
    id: string;
    key: Uint8Array;
    person_id: string;
    sealed_identifier: Uint8Array;
    label: string;
    enrolled_at: Date | number;
    valid_from: Date | number | null;
    valid_until: Date | number | null;
  }>(
    scope,
    `select c.id, c.key, c.person_id, c.sealed_identifier, c.label, c.enrolled_at, c.valid_from, c.valid_until
     from credential c join person p on p.id = c.person_id and p.removed_at is null
     where c.kind = 'phone' and c.state = 'active'
       and ($1::uuid is null or c.id = $1) and ($2::uuid is null or c.person_id = $2)
     order by c.enrolled_at, c.id`,
    [which.id ?? null, which.personId ?? null],
  );
  return rows.map((row) => ({
    id: row.id,
    key: new Uint8Array(row.key),
    personId: row.person_id,
    sealedIdentifier: row.sealed_identifier,
    label: row.label,
    enrolledAt: Number(row.enrolled_at),
    validFrom: row.valid_from === null ? undefined : Number(row.valid_from),
    validUntil: row.valid_until === null ? undefined : Number(row.valid_until),
  }));
}
