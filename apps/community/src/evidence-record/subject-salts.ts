import { randomBytes } from "@menshen/crypto/node";
import type { StorageKey } from "../keys/storage-key.ts";
import { type LeafSubject, subjectIdOf } from "./leaf-subject.ts";
import { runSql, type SqlScope } from "./sql-runner.ts";

const SALT_KEY_BYTES = 32;

interface SaltRow {
  readonly kind: LeafSubject["kind"];
  readonly id: string;
  readonly sealed: Uint8Array;
}

/** Salt keys by {@link subjectName}. */
export type SaltKeys = ReadonlyMap<string, Uint8Array>;

/** `person:<id>`: what a salt key is kept and sealed under. */
export function subjectName(kind: LeafSubject["kind"], id: string): string {
  return `${kind}:${id}`;
}

/** Salt keys that exist; a subject whose key was destroyed is missing. Throws `keys-unreadable`. */
export async function readSaltKeys(
  scope: SqlScope,
  storageKey: StorageKey,
  subjects: readonly { readonly kind: LeafSubject["kind"]; readonly id: string }[],
): Promise<SaltKeys> {
  const rows = await runSql<SaltRow>(
    scope,
    `select kind, id, sealed from keys.subject_salt
     where (kind, id) in (select * from unnest($1::text[], $2::uuid[]))`,
    [subjects.map(({ kind }) => kind), subjects.map(({ id }) => id)],
  );
  return new Map(
    rows.map(({ kind, id, sealed }) => {
      const name = subjectName(kind, id);
      return [name, storageKey.open(sealed, `salt:${name}`)];
    }),
  );
}

/** Salt keys of all `subjects`; those that have none yet get one in this transaction. Throws `keys-unreadable`. */
export async function ensureSaltKeys(
  scope: SqlScope,
  storageKey: StorageKey,
  subjects: readonly LeafSubject[],
): Promise<SaltKeys> {
  const wanted = new Map(
    subjects.map((subject) => {
      const id = subjectIdOf(subject);
      return [subjectName(subject.kind, id), { kind: subject.kind, id }];
    }),
  );
  const there = await readSaltKeys(scope, storageKey, [...wanted.values()]);
  // In one order, so that two transactions that make keys for the same subjects wait for each other and never cross.
  const missing = [...wanted].filter(([name]) => !there.has(name)).toSorted(([a], [b]) => (a < b ? -1 : 1));
  if (missing.length === 0) return there;
  await runSql(
    scope,
    `insert into keys.subject_salt (kind, id, sealed) select * from unnest($1::text[], $2::uuid[], $3::bytea[])
     on conflict do nothing`,
    [
      missing.map(([, { kind }]) => kind),
      missing.map(([, { id }]) => id),
      missing.map(([name]) => storageKey.seal(randomBytes(SALT_KEY_BYTES), `salt:${name}`)),
    ],
  );
  return await readSaltKeys(scope, storageKey, [...wanted.values()]);
}
