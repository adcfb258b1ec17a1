import { sql } from "kysely";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import { type LeafRecorder, recordLines } from "../../evidence-record/index.ts";

/** Puts alarms about gates into the evidence log that were raised since it last looked. */
export async function recordNewAlarms(db: Database, clock: Clock, leaves: LeafRecorder): Promise<void> {
  if ((await selectUnrecorded(db)).length === 0) return;
  await db.transaction().execute(async (trx) => {
    // Another process may be at it: what it holds is its own.
    const { rows } = await sql<{ id: string }>`
      select id::text from gate_alarm where leaf_id is null order by id limit 500 for update skip locked`.execute(
      trx,
    );
    const ids = rows.map(({ id }) => id);
    const [leafId] = await recordLines(leaves, trx, clock.now(), "gate-alarm", ids);
    if (leafId === undefined) return;
    await sql`update gate_alarm set leaf_id = ${leafId} where id = any (${ids}::bigint[])`.execute(trx);
  });
}

async function selectUnrecorded(db: Database): Promise<readonly unknown[]> {
  return (await sql`select from gate_alarm where leaf_id is null limit 1`.execute(db)).rows;
}
