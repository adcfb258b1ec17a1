import { GateId, Instant } from "@menshen/domain";
import { GATE_EVENTS, PORTAL_EVENTS, READER_EVENTS } from "@menshen/wire";
import { type RawBuilder, sql } from "kysely";
import type { Trx } from "../../database/database.ts";
import { EVENT_KIND_NUMBERS, readStoredEntry, type StoredEvent } from "../../gate-link/index.ts";
import { TELLING_EVENTS } from "./event-signals.ts";

const numbersOf = (names: readonly string[], all: readonly string[]) =>
  all.flatMap((name, number) => (names.includes(name) ? [number] : []));
const device = (kind: "portal" | "reader" | "gate", all: readonly string[]): RawBuilder<unknown> =>
  sql`(kind = ${sql.lit(EVENT_KIND_NUMBERS[kind])} and event = any (${sql.lit(
    `{${numbersOf(TELLING_EVENTS[kind], all).join(",")}}`,
  )}::smallint[]))`;
const MAY_TELL = sql.join(
  [
    device("portal", PORTAL_EVENTS),
    device("reader", READER_EVENTS),
    device("gate", GATE_EVENTS),
    sql`(kind = ${sql.lit(EVENT_KIND_NUMBERS.access)} and not granted)`,
  ],
  sql` or `,
);

/** Events after `after`, up to `until`, that may mean an alarm or its end; in the order of storing. */
export async function selectTellingEvents(
  trx: Trx,
  after: number,
  until: number,
): Promise<readonly StoredEvent[]> {
  const { rows } = await sql<{
    position: number;
    gate_id: string;
    sequence: number;
    at: number;
    received_at: number;
    entry: Uint8Array;
  }>`select position, gate_id, sequence, at, received_at, entry from event
     where position > ${after} and position <= ${until} and (${MAY_TELL}) order by position`.execute(trx);
  return rows.map((row) => ({
    position: row.position,
    gateId: GateId(row.gate_id),
    sequence: row.sequence,
    at: Instant(row.at),
    receivedAt: Instant(row.received_at),
    entry: readStoredEntry(row.entry),
  }));
}

/** Position of the last event stored. */
export async function selectLastStored(trx: Trx): Promise<number> {
  const { rows } = await sql<{ last: number }>`select last from event_position`.execute(trx);
  return rows[0]?.last ?? 0;
}
