import { moment, type Reader, type Trx } from "../../database/database.ts";

export async function updateBallotKey(
  trx: Trx,
  motionId: string,
  { ceremony, key }: { readonly ceremony: string; readonly key: Uint8Array },
): Promise<void> {
  await trx
    .updateTable("motion")
    .set((eb) => ({ ballot_ceremony: ceremony, ballot_key: key, revision: eb("revision", "+", 1) }))
    .where("id", "=", motionId)
    .execute();
}

export async function updateTally(trx: Trx, motionId: string, tally: Uint8Array): Promise<void> {
  await trx
    .updateTable("motion")
    .set((eb) => ({ tally, revision: eb("revision", "+", 1) }))
    .where("id", "=", motionId)
    .execute();
}

/** Version of the set of custodians that made a motion's key. */
export async function selectKeySet(db: Reader, ceremony: string): Promise<number | undefined> {
  const row = await db
    .selectFrom("custody_ceremony")
    .select("set_version")
    .where("id", "=", ceremony)
    .executeTakeFirst();
  return row?.set_version;
}

/** Encoded, by custodian. */
export async function selectTallyShares(db: Reader, motionId: string): Promise<readonly Uint8Array[]> {
  const rows = await db
    .selectFrom("motion_tally_share")
    .select("share")
    .where("motion_id", "=", motionId)
    .orderBy("custodian")
    .execute();
  return rows.map(({ share }) => new Uint8Array(share));
}

export async function selectSharers(db: Reader, motionId: string): Promise<readonly number[]> {
  const rows = await db
    .selectFrom("motion_tally_share")
    .select("custodian")
    .where("motion_id", "=", motionId)
    .execute();
  return rows.map(({ custodian }) => custodian);
}

/** A second one of the same custodian changes nothing. */
export async function insertTallyShare(
  trx: Trx,
  motionId: string,
  given: { readonly custodian: number; readonly share: Uint8Array; readonly at: number },
): Promise<void> {
  await trx
    .insertInto("motion_tally_share")
    .values({
      motion_id: motionId,
      custodian: given.custodian,
      share: given.share,
      at: moment(given.at),
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
