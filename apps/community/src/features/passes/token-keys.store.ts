import type { LeafEvidence } from "@menshen/wire";
import { sql } from "kysely";
import { moment, type Reader, type Trx } from "../../database/database.ts";

const HASH_BYTES = 32;
/** Two reviews of the keys follow each other. */
const TOKEN_LOCK = 0x6d_65_6e_05;

/** A key that signs one-time tokens: of one door group and one day. Times in Unix milliseconds. */
export interface StoredTokenKey {
  /** 8 bytes. */
  readonly keyId: Uint8Array;
  readonly doorGroup: number;
  readonly from: number;
  /** Exclusive. */
  readonly until: number;
  /** DER SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
  readonly quota: number;
  readonly leafId: string;
  /** Absent until a published checkpoint covers its leaf: until then it signs nothing. */
  readonly evidence: LeafEvidence | undefined;
}

export async function lockTokenKeys(trx: Trx): Promise<void> {
  await sql`select pg_advisory_xact_lock(${TOKEN_LOCK})`.execute(trx);
}

/** Keys whose day is not over, by day and door group. */
export async function selectTokenKeys(db: Reader, now: number): Promise<readonly StoredTokenKey[]> {
  const rows = await db
    .selectFrom("token_key")
    .selectAll()
    .where("until_at", ">", moment(now))
    .orderBy("from_at")
    .orderBy("door_group")
    .execute();
  return rows.map((row) => {
    const { statement, salt, leaf_index: leafIndex, tree_size: treeSize, proof, checkpoint } = row;
    const isProven =
      statement !== null &&
      salt !== null &&
      leafIndex !== null &&
      treeSize !== null &&
      proof !== null &&
      checkpoint !== null;
    return {
      keyId: new Uint8Array(row.key_id),
      doorGroup: row.door_group,
      from: row.from_at,
      until: row.until_at,
      publicKey: new Uint8Array(row.public_key),
      quota: row.quota,
      leafId: row.leaf_id,
      evidence: isProven
        ? {
            statement,
            salt: new Uint8Array(salt),
            leafIndex,
            treeSize,
            proof: hashesIn(new Uint8Array(proof)),
            checkpoint,
          }
        : undefined,
    };
  });
}

export async function insertTokenKey(
  trx: Trx,
  key: Omit<StoredTokenKey, "evidence"> & {
    /** The secret half under the storage key. */
    readonly sealed: Uint8Array;
  },
): Promise<void> {
  await trx
    .insertInto("token_key")
    .values({
      key_id: key.keyId,
      door_group: key.doorGroup,
      from_at: moment(key.from),
      until_at: moment(key.until),
      public_key: key.publicKey,
      quota: key.quota,
      leaf_id: key.leafId,
      statement: null,
      salt: null,
      leaf_index: null,
      tree_size: null,
      proof: null,
      checkpoint: null,
    })
    .execute();
  await trx.insertInto("keys.token_key").values({ key_id: key.keyId, sealed: key.sealed }).execute();
}

/** Keeps the proof that gates are shown. */
export async function updateTokenEvidence(
  db: Reader,
  keyId: Uint8Array,
  evidence: LeafEvidence,
): Promise<void> {
  await db
    .updateTable("token_key")
    .set({
      statement: evidence.statement,
      salt: evidence.salt,
      leaf_index: evidence.leafIndex,
      tree_size: evidence.treeSize,
      proof: Buffer.concat(evidence.proof),
      checkpoint: evidence.checkpoint,
    })
    .where("key_id", "=", keyId)
    .execute();
}

/** Destroys keys whose day is over, their secret halves with them; how many. */
export async function deleteOldTokenKeys(trx: Trx, now: number): Promise<number> {
  const { numDeletedRows } = await trx
    .deleteFrom("token_key")
    .where("until_at", "<=", moment(now))
    .executeTakeFirst();
  return Number(numDeletedRows);
}

/**
 * Takes one signature of a key: its secret half, sealed. `undefined` for a key that the log does not show, whose day is over,
 * or that signed as often as it may.
 */
export async function takeSignature(
  trx: Trx,
  keyId: Uint8Array,
  now: number,
): Promise<Uint8Array | undefined> {
  const taken = await trx
    .updateTable("token_key")
    .set((eb) => ({ signed: eb("signed", "+", 1) }))
    .where("key_id", "=", keyId)
    .where("statement", "is not", null)
    .where("until_at", ">", moment(now))
    .whereRef("signed", "<", "quota")
    .executeTakeFirst();
  if (taken.numUpdatedRows !== 1n) return undefined;
  const row = await trx
    .selectFrom("keys.token_key")
    .select("sealed")
    .where("key_id", "=", keyId)
    .executeTakeFirst();
  return row?.sealed;
}

/** Counts one more token of a person's for a day, unless there were as many as `most`. */
export async function takeToken(trx: Trx, personId: string, day: number, most: number): Promise<boolean> {
  if (most === 0) return false;
  const { rows } = await sql`
    insert into token_count (person_id, day, given) values (${personId}, ${moment(day)}, 1)
    on conflict (person_id, day) do update set given = token_count.given + 1 where token_count.given < ${most}
    returning given`.execute(trx);
  return rows.length === 1;
}

/** How many tokens a person was given on a day. */
export async function selectGiven(db: Reader, personId: string, day: number): Promise<number> {
  const row = await db
    .selectFrom("token_count")
    .select("given")
    .where("person_id", "=", personId)
    .where("day", "=", moment(day))
    .executeTakeFirst();
  return row?.given ?? 0;
}

/** Forgets who was given how many on days before this one. */
export async function deleteOldCounts(trx: Trx, day: number): Promise<void> {
  await trx.deleteFrom("token_count").where("day", "<", moment(day)).execute();
}

function hashesIn(proof: Uint8Array): Uint8Array[] {
  return Array.from({ length: proof.length / HASH_BYTES }, (_, index) =>
    proof.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES),
  );
}
