import { type QueryExecutorProvider, sql } from "kysely";

/** A passkey as every table of them has it. Times in Unix milliseconds. */
export interface StoredPasskey {
  readonly id: string;
  readonly ownerId: string;
  readonly name: string;
  readonly webauthnId: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly signCount: number;
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
}

/** Where passkeys of one kind of people stand. Tables of challenges have `id`, the owner, `challenge` and `expires_at`. */
export interface PasskeyTables<Extra extends object> {
  readonly passkeys: string;
  readonly challenges: string;
  /** Column that names whose they are, in both tables. */
  readonly owner: string;
  /** Columns that this table has beside those of all. */
  readonly extra: readonly (keyof Extra & string)[];
}

export type PasskeyStore<Extra extends object> = ReturnType<typeof makePasskeyStore<Extra>>;

/** Queries over passkeys and challenges, whatever their tables are called. The pool reads `timestamptz` as milliseconds. */
export function makePasskeyStore<Extra extends object>(tables: PasskeyTables<Extra>) {
  const passkeys = sql.table(tables.passkeys);
  const challenges = sql.table(tables.challenges);
  const owner = sql.ref(tables.owner);
  const extra = tables.extra.map((column) => sql`, ${sql.ref(column)}`);
  const columns = sql`id, ${owner} as "ownerId", name, webauthn_id as "webauthnId", public_key as "publicKey",
    sign_count as "signCount", created_at as "createdAt", last_used_at as "lastUsedAt"${sql.join(extra, sql``)}`;
  const moment = (at: number) => sql`${new Date(at)}::timestamptz`;

  return {
    /** Old challenges go whenever a new one comes. */
    async insertChallenge(
      db: QueryExecutorProvider,
      made: {
        readonly id: string;
        readonly ownerId: string | null;
        readonly challenge: string;
        readonly at: number;
        readonly expiresAt: number;
      },
    ): Promise<void> {
      await sql`delete from ${challenges} where expires_at < ${moment(made.at)}`.execute(db);
      await sql`insert into ${challenges} (id, ${owner}, challenge, expires_at)
        values (${made.id}, ${made.ownerId}, ${made.challenge}, ${moment(made.expiresAt)})`.execute(db);
    },

    /** Gives each challenge once, in its time, and only for whom it was made. */
    async takeChallenge(
      db: QueryExecutorProvider,
      of: { readonly id: string; readonly ownerId: string | null; readonly at: number },
    ): Promise<string | undefined> {
      const { rows } = await sql<{ challenge: string; isAlive: boolean }>`delete from ${challenges}
        where id = ${of.id} and ${owner} is not distinct from ${of.ownerId}::uuid
        returning challenge, expires_at > ${moment(of.at)} as "isAlive"`.execute(db);
      return rows[0]?.isAlive === true ? rows[0].challenge : undefined;
    },

    /** The oldest first. */
    async selectOf(db: QueryExecutorProvider, ownerId: string): Promise<readonly (StoredPasskey & Extra)[]> {
      const { rows } = await sql<StoredPasskey & Extra>`select ${columns} from ${passkeys}
        where ${owner} = ${ownerId} order by created_at, id`.execute(db);
      return rows;
    },

    async selectByWebauthnId(
      db: QueryExecutorProvider,
      webauthnId: Uint8Array,
    ): Promise<(StoredPasskey & Extra) | undefined> {
      const { rows } = await sql<StoredPasskey & Extra>`select ${columns} from ${passkeys}
        where webauthn_id = ${webauthnId}`.execute(db);
      return rows[0];
    },

    async insert(
      db: QueryExecutorProvider,
      made: Omit<StoredPasskey, "lastUsedAt">,
      more: Extra,
    ): Promise<void> {
      const names = tables.extra.map((column) => sql`, ${sql.ref(column)}`);
      const values = tables.extra.map((column) => sql`, ${more[column]}`);
      await sql`insert into ${passkeys}
        (id, ${owner}, name, webauthn_id, public_key, sign_count, created_at${sql.join(names, sql``)})
        values (${made.id}, ${made.ownerId}, ${made.name}, ${made.webauthnId}, ${made.publicKey}, ${made.signCount},
          ${moment(made.createdAt)}${sql.join(values, sql``)})`.execute(db);
    },

    async noteUse(
      db: QueryExecutorProvider,
      use: { readonly id: string; readonly signCount: number; readonly at: number },
    ): Promise<void> {
      await sql`update ${passkeys} set sign_count = ${use.signCount}, last_used_at = ${moment(use.at)}
        where id = ${use.id}`.execute(db);
    },

    /** Whether it was there, and this owner's. */
    async remove(db: QueryExecutorProvider, ownerId: string, id: string): Promise<boolean> {
      const { numAffectedRows: gone } = await sql`delete from ${passkeys}
        where id = ${id} and ${owner} = ${ownerId}`.execute(db);
      return gone === 1n;
    },

    /** Whether anybody has one. */
    async isAny(db: QueryExecutorProvider): Promise<boolean> {
      const { rows } = await sql`select from ${passkeys} limit 1`.execute(db);
      return rows.length > 0;
    },
  };
}
