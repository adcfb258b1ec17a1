import { equalBytes } from "@menshen/crypto/node";
import { GateId, type Instant } from "@menshen/domain";
import type { Pool } from "pg";
import { dateOf, transaction } from "./database.ts";

/** A gate's message about its pseudonym key, signed by it: for the other gates, and closed to this server. */
export interface RelayedMessage {
  readonly sender: GateId;
  readonly message: Uint8Array;
}

/**
 * Keeps a gate's newest message in place of the one before. False, and nothing is kept, if the gate is revoked or said
 * just that before.
 */
export async function storePseudonym(
  pool: Pool,
  { sender, message }: RelayedMessage,
  at: Instant,
): Promise<boolean> {
  return await transaction(pool, async (client) => {
    // Locked: a revocation waits for this message and then forgets it, or comes first.
    const { rows } = await client.query<{ message: Buffer | null }>(
      `select p.message from gate_device d left join gate_pseudonym p using (gate_id)
       where d.gate_id = $1 and d.enrolment = 'enrolled' for update of d`,
      [sender],
    );
    const [row] = rows;
    if (row === undefined || (row.message !== null && equalBytes(row.message, message))) return false;
    await client.query(
      `insert into gate_pseudonym (gate_id, message, received_at) values ($1, $2, $3)
       on conflict (gate_id) do update set message = excluded.message, received_at = excluded.received_at`,
      [sender, message, dateOf(at)],
    );
    return true;
  });
}

/** The newest message of every enrolled gate but one. */
export async function readPseudonyms(pool: Pool, recipient: GateId): Promise<readonly RelayedMessage[]> {
  const { rows } = await pool.query<{ gate_id: string; message: Buffer }>(
    `select p.gate_id, p.message from gate_pseudonym p join gate_device d using (gate_id)
     where d.enrolment = 'enrolled' and p.gate_id <> $1 order by p.gate_id`,
    [recipient],
  );
  return rows.map((row) => ({ sender: GateId(row.gate_id), message: row.message }));
}
