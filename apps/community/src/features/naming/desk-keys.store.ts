import { moment, type Reader, type Trx } from "../../database/database.ts";

/** A key pair of the duty desk. Times in Unix milliseconds. */
export interface StoredDeskKey {
  /** 8 bytes. */
  readonly id: Uint8Array;
  readonly decisionId: string;
  /** The midnight before it. */
  readonly day: number;
  readonly fromAt: number;
  /** Exclusive. */
  readonly untilAt: number;
  readonly publicKey: Uint8Array;
  /** The secret half under a file of its own and the storage key. */
  readonly sealed: Uint8Array;
  readonly destroyAt: number;
}

export async function insertDeskKey(trx: Trx, key: StoredDeskKey): Promise<void> {
  await trx
    .insertInto("keys.desk_key")
    .values({
      id: key.id,
      decision_id: key.decisionId,
      day: moment(key.day),
      from_at: moment(key.fromAt),
      until_at: moment(key.untilAt),
      public_key: key.publicKey,
      sealed: key.sealed,
      destroy_at: moment(key.destroyAt),
    })
    .execute();
}

/** Keys that live: whose time to be destroyed has not come, whether or not anybody did it. */
export async function selectDeskKeys(db: Reader, now: number): Promise<readonly StoredDeskKey[]> {
  return (await selectAllDeskKeys(db)).filter(({ destroyAt }) => destroyAt > now);
}

/** Those whose time has come too. They are few: a week's of two decisions. */
export async function selectAllDeskKeys(db: Reader): Promise<readonly StoredDeskKey[]> {
  const rows = await db.selectFrom("keys.desk_key").selectAll().orderBy("from_at").execute();
  return rows.map((row) => ({
    id: new Uint8Array(row.id),
    decisionId: row.decision_id,
    day: row.day,
    fromAt: row.from_at,
    untilAt: row.until_at,
    publicKey: new Uint8Array(row.public_key),
    sealed: new Uint8Array(row.sealed),
    destroyAt: row.destroy_at,
  }));
}

export async function deleteDeskKey(trx: Trx, id: Uint8Array): Promise<void> {
  await trx.deleteFrom("keys.desk_key").where("id", "=", id).execute();
}

export async function updateSealed(trx: Trx, id: Uint8Array, sealed: Uint8Array): Promise<void> {
  await trx.updateTable("keys.desk_key").set({ sealed }).where("id", "=", id).execute();
}

export async function deleteDeskKeysOf(trx: Trx, decisionId: string): Promise<void> {
  await trx.deleteFrom("keys.desk_key").where("decision_id", "=", decisionId).execute();
}
