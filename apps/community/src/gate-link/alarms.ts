import type { GateId, Instant } from "@menshen/domain";
import type { GateAlarmKind } from "@menshen/wire";
import type { ClientBase } from "pg";

/**
 * Records an alarm, or counts it up if the same is there, which stands again if somebody had cleared it; `sequence` is 0
 * where there is none.
 */
export async function raiseAlarm(
  client: Pick<ClientBase, "query">,
  gateId: GateId,
  kind: GateAlarmKind,
  sequence: number,
  at: Instant,
): Promise<void> {
  await client.query(
    `insert into gate_alarm (gate_id, kind, sequence, first_at, last_at) values ($1, $2, $3, $4, $4)
     on conflict (gate_id, kind, sequence)
     do update set times = gate_alarm.times + 1, last_at = excluded.last_at, cleared_at = null`,
    [gateId, kind, sequence, new Date(at)],
  );
}
