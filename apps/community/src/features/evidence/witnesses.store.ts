import { WITNESS_BODIES, type WitnessBody, type WitnessSettings } from "@menshen/wire";
import { sql } from "kysely";
import { moment, type Reader, type Trx } from "../../database/database.ts";
import { known } from "../../view-record/index.ts";

/** A witness as it is registered. */
export interface StoredWitness {
  readonly id: string;
  readonly name: string;
  readonly body: WitnessBody;
  readonly url: string;
  /** C2SP verifier key. */
  readonly key: string;
  /** Unix milliseconds. */
  readonly addedAt: number;
}

/** All witnesses, in the order in which they came. */
export async function selectWitnesses(db: Reader): Promise<readonly StoredWitness[]> {
  const rows = await db.selectFrom("witness").selectAll().orderBy("added_at").orderBy("name").execute();
  return rows.map(({ added_at: addedAt, ...row }) => ({
    ...row,
    body: known(WITNESS_BODIES, row.body),
    addedAt,
  }));
}

export async function insertWitness(trx: Trx, witness: StoredWitness): Promise<void> {
  const { addedAt, ...row } = witness;
  await trx
    .insertInto("witness")
    .values({ ...row, added_at: moment(addedAt) })
    .execute();
}

export async function deleteWitness(trx: Trx, id: string): Promise<void> {
  await trx.deleteFrom("witness").where("id", "=", id).execute();
}

export async function selectWitnessSettings(db: Reader): Promise<WitnessSettings> {
  const row = await db
    .selectFrom("witness_setting")
    .select(["quorum", "residents_count", "revision"])
    .executeTakeFirstOrThrow();
  return { quorum: row.quorum, residentsCount: row.residents_count, revision: row.revision };
}

export async function updateWitnessSettings(
  trx: Trx,
  settings: Omit<WitnessSettings, "revision">,
): Promise<void> {
  await trx
    .updateTable("witness_setting")
    .set((eb) => ({
      quorum: settings.quorum,
      residents_count: settings.residentsCount,
      revision: eb("revision", "+", 1),
    }))
    .execute();
}

/** Until the end of the transaction, nobody else changes witnesses or their settings. */
export async function lockWitnesses(trx: Trx): Promise<void> {
  await sql`select 1 from witness_setting for update`.execute(trx);
}
