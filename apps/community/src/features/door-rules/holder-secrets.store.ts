import type { Reader, Trx } from "../../database/database.ts";

export interface StoredHolderSecret {
  readonly epoch: number;
  /** Under the storage key. */
  readonly sealed: Uint8Array;
}

/** The newest; `undefined` before the first review. */
export async function selectHolderSecret(db: Reader): Promise<StoredHolderSecret | undefined> {
  return db.selectFrom("keys.holder_secret").selectAll().orderBy("epoch", "desc").executeTakeFirst();
}

/** Keeps the first that was made for an epoch. */
export async function insertHolderSecret(trx: Trx, secret: StoredHolderSecret): Promise<void> {
  await trx
    .insertInto("keys.holder_secret")
    .values(secret)
    .onConflict((conflict) => conflict.column("epoch").doNothing())
    .execute();
}

export async function deleteOtherSecrets(trx: Trx, epoch: number): Promise<void> {
  await trx.deleteFrom("keys.holder_secret").where("epoch", "!=", epoch).execute();
}
