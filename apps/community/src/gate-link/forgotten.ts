import type { Instant } from "@menshen/domain";
import { type JournalEntry, PORTAL_EVENTS, type PortalEvent } from "@menshen/wire";
import type { ClientBase } from "pg";
import { EVENT_KIND_NUMBERS, eventTime } from "./event-row.ts";

/** What a door does when somebody passes: it tells when, and so goes with the access entries. */
const PASSAGES: readonly PortalEvent[] = ["opened", "closed", "exit-request"];

/** Rows of `event` (and tables like it) that go with the epoch's keys; the others are records of devices. */
export const IS_ENTRY_SQL = `(kind in (0, ${EVENT_KIND_NUMBERS.access}) or (kind = ${EVENT_KIND_NUMBERS.portal}
  and event in (${PASSAGES.map((event) => PORTAL_EVENTS.indexOf(event)).join(", ")})))`;

/** The same for an entry that has no row. */
function isEntry(entry: JournalEntry | undefined): boolean {
  if (entry === undefined || entry.kind === "access") return true;
  return entry.kind === "portal" && PASSAGES.includes(entry.body.event);
}

/** From before when nothing is kept, Unix milliseconds; absent: nothing was deleted yet. */
export interface Forgotten {
  readonly entries?: number;
  readonly records?: number;
}

export async function readForgotten(client: Pick<ClientBase, "query">): Promise<Forgotten> {
  const { rows } = await client.query<{ kind: "entries" | "records"; before: Date }>(
    "select kind, before from retention_state",
  );
  return Object.fromEntries(rows.map(({ kind, before }) => [kind, before.getTime()]));
}

/** Whether an entry that is not stored may have been, and was deleted when its time was over. */
export function isForgotten(
  forgotten: Forgotten,
  entry: JournalEntry | undefined,
  receivedAt: Instant,
): boolean {
  const before = isEntry(entry) ? forgotten.entries : forgotten.records;
  return before !== undefined && eventTime(entry, receivedAt) < before;
}
