import { moment, type Trx } from "../../database/database.ts";

/** An alarm about a gate's records, locked for the change. */
export async function lockAlarm(trx: Trx, gateId: string, alarmId: number) {
  return trx
    .selectFrom("gate_alarm")
    .select(["kind", "sequence", "times", "cleared_at"])
    .where("id", "=", alarmId)
    .where("gate_id", "=", gateId)
    .forUpdate()
    .executeTakeFirst();
}

export async function setAlarmCleared(trx: Trx, alarmId: number, at: number): Promise<void> {
  await trx
    .updateTable("gate_alarm")
    .set({ cleared_at: moment(at) })
    .where("id", "=", alarmId)
    .execute();
}

/** Clears every fork alarm of the gate that stands; answers how many there were. */
export async function clearForks(trx: Trx, gateId: string, at: number): Promise<number> {
  const { numUpdatedRows } = await trx
    .updateTable("gate_alarm")
    .set({ cleared_at: moment(at) })
    .where("gate_id", "=", gateId)
    .where("kind", "=", "fork")
    .where("cleared_at", "is", null)
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

/** From now on the gate's journal is read again from its first entry; answers the last number stored. */
export async function setRereading(trx: Trx, gateId: string, at: number): Promise<number> {
  const { last_sequence } = await trx
    .updateTable("gate_journal")
    .set({ reread_since: moment(at) })
    .where("gate_id", "=", gateId)
    .returning("last_sequence")
    .executeTakeFirstOrThrow();
  return last_sequence;
}
