import { type GateId, Instant } from "@menshen/domain";
import { decodeJournalEntry, type JournalEntry, WireError } from "@menshen/wire";
import type { Pool } from "pg";
import { instantOf } from "./database.ts";
import { eventTime } from "./event-row.ts";
import type { StoredEntries, StoredEvent } from "./types.ts";

/** A live view that was away for longer asks again from where the answer ended. */
const MAX_EVENTS = 1_000;

interface EventRow {
  readonly position: string;
  readonly gate_id: GateId;
  readonly sequence: string;
  readonly at: Date;
  readonly received_at: Date;
  readonly entry: Buffer;
}

/** See `GateLink.readEventsAfter`. */
export async function readEventsAfter(
  pool: Pool,
  position: number,
  limit: number,
): Promise<readonly StoredEvent[]> {
  // Positions have no gaps, so a range is as good as a limit, and the block range index answers it.
  const last = position + Math.max(1, Math.min(limit, MAX_EVENTS));
  const { rows } = await pool.query<EventRow>(
    `select position, gate_id, sequence, at, received_at, entry from event
     where position > $1 and position <= $2 order by position`,
    [position, last],
  );
  return rows.map((row) => ({
    position: Number(row.position),
    gateId: row.gate_id,
    sequence: Number(row.sequence),
    at: instantOf(row.at),
    receivedAt: instantOf(row.received_at),
    entry: readStoredEntry(row.entry),
  }));
}

export async function lastPosition(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ last: string }>("select last from event_position");
  return Number(rows[0]?.last ?? 0);
}

/** What was stored just now, as {@link readEventsAfter} would read it. */
export function readStored(stored: readonly StoredEntries[]): readonly StoredEvent[] {
  return stored.flatMap(({ firstPosition, firstSequence, gateId, receivedAt, entries }) =>
    entries.map((bytes, index) => {
      const entry = readStoredEntry(bytes);
      return {
        position: firstPosition + index,
        gateId,
        sequence: firstSequence + index,
        at: Instant(eventTime(entry, receivedAt)),
        receivedAt,
        entry,
      };
    }),
  );
}

/** Entries as the column `event.entry` holds them; `undefined` for one that this version cannot read. */
export function readStoredEntry(bytes: Uint8Array): JournalEntry | undefined {
  try {
    return decodeJournalEntry(bytes);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}
