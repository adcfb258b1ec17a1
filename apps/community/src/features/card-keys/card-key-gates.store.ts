import { sql } from "kysely";
import type { Reader, Trx } from "../../database/database.ts";

/** A gate that does not hold a version's keys yet. */
export interface LackingGate {
  readonly gateId: string;
  readonly name: string;
  readonly doorGroup: number;
}

interface GateRow extends LackingGate {
  /** Everything that was wanted of it when the version began is made, and it has applied the newest keyring. */
  readonly upToDate: boolean;
}

/** Enrolled gates that were not yet seen to hold a version's keys. */
async function selectUnseen(db: Reader, version: number): Promise<readonly GateRow[]> {
  const { rows } = await sql<GateRow>`
    select g.id as "gateId", g.name, g.door_group as "doorGroup",
      d.made >= d.wanted and coalesce(s.applied = s.desired and s.applied > 0, false) as "upToDate"
    from gate g
    join gate_device d on d.gate_id = g.id and d.enrolment = 'enrolled'
    left join gate_document_state s on s.gate_id = g.id and s.what = 'keyring'
    where g.removed_at is null
      and not exists (select from card_key_gate k where k.version = ${version} and k.gate_id = g.id)
    order by g.name`.execute(db);
  return rows;
}

/** Gates that do not hold a version's keys yet; those that were revoked, or never installed, do not count. */
export async function selectLacking(db: Reader, version: number): Promise<readonly LackingGate[]> {
  return (await selectUnseen(db, version)).filter(({ upToDate }) => !upToDate);
}

/** The same, among the gates of these door groups; remembers which gates hold them, since later keyrings do too. */
export async function settleLacking(
  trx: Trx,
  version: number,
  doorGroups: readonly number[],
): Promise<readonly LackingGate[]> {
  const unseen = await selectUnseen(trx, version);
  const seen = unseen.filter(({ upToDate }) => upToDate);
  if (seen.length > 0) {
    await trx
      .insertInto("card_key_gate")
      .values(seen.map(({ gateId }) => ({ version, gate_id: gateId })))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  return unseen.filter(({ upToDate, doorGroup }) => !upToDate && doorGroups.includes(doorGroup));
}
