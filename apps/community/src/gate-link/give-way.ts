import { equalBytes, sha256 } from "@menshen/crypto/node";
import type { GateId } from "@menshen/domain";
import { journalGenesisHash, journalHashAfter } from "@menshen/wire";
import type { ClientBase } from "pg";
import { raiseAlarm } from "./alarms.ts";
import type { PreparedBatch } from "./journal-batch.ts";

type Queryable = Pick<ClientBase, "query">;

/** Where a journal ends. */
interface Head {
  readonly sequence: number;
  readonly hash: Uint8Array;
}

const CHUNK = 4_096;

/**
 * For a batch that contradicts what is stored: if a member of staff accepted the gate's journal as it is, sets the
 * stored entries apart from the first contradicted one on, raises the alarm `replaced`, and ends the acceptance. Inside
 * the transaction that holds the lock of `event_position`.
 *
 * @returns where the stored journal ends now, inside the batch; undefined if nobody accepted anything, or if the batch
 * does not follow from what is stored before it
 */
export async function giveWay(client: Queryable, batch: PreparedBatch): Promise<Head | undefined> {
  const { gateId, firstSequence, lastSequence } = batch;
  const { rowCount } = await client.query(
    "select from gate_journal where gate_id = $1 and reread_since is not null",
    [gateId],
  );
  if (rowCount !== 1) return undefined;
  const before = await storedHashAfter(client, gateId, firstSequence - 1);
  if (before === undefined || !equalBytes(before, batch.previousHash)) return undefined;
  const stored = await readEntries(client, gateId, firstSequence, lastSequence);
  const differs = batch.entryBytes.findIndex((bytes, index) => {
    const there = stored[index];
    return there === undefined || !equalBytes(there, bytes);
  });
  if (differs < 0) return undefined;
  const kept = batch.entryBytes.slice(0, differs);
  const head = {
    sequence: firstSequence + kept.length - 1,
    hash: journalHashAfter(sha256, batch.previousHash, kept),
  };
  const values = [gateId, head.sequence, new Date(batch.receivedAt)];
  await client.query(
    `insert into event_replaced select event.*, $3::timestamptz from event where gate_id = $1 and sequence > $2`,
    values,
  );
  await client.query("delete from event where gate_id = $1 and sequence > $2", [gateId, head.sequence]);
  await client.query(
    "update gate_journal set last_sequence = $2, last_hash = $3, reread_since = null where gate_id = $1",
    [gateId, head.sequence, head.hash],
  );
  await raiseAlarm(client, gateId, "replaced", head.sequence + 1, batch.receivedAt);
  return head;
}

/** The chain over the stored entries from the first one; undefined if one of them is missing. */
async function storedHashAfter(
  client: Queryable,
  gateId: GateId,
  sequence: number,
): Promise<Uint8Array | undefined> {
  let hash = journalGenesisHash();
  for (let first = 1; first <= sequence; first += CHUNK) {
    const last = Math.min(first + CHUNK - 1, sequence);
    const entries = await readEntries(client, gateId, first, last);
    if (entries.length !== last - first + 1) return undefined;
    hash = journalHashAfter(sha256, hash, entries);
  }
  return hash;
}

async function readEntries(
  client: Queryable,
  gateId: GateId,
  first: number,
  last: number,
): Promise<readonly Uint8Array[]> {
  const { rows } = await client.query<{ entry: Buffer }>(
    "select entry from event where gate_id = $1 and sequence between $2 and $3 order by sequence",
    [gateId, first, last],
  );
  return rows.map(({ entry }) => entry);
}
