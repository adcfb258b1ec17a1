import type { EventItem, EventQuery } from "@menshen/wire";
import { type Actor, authorise } from "../../authority/authorise.ts";
import { cutPage } from "../../database/cursor.ts";
import type { Database } from "../../database/database.ts";
import { found, optional } from "../../database/records.ts";
import type { StoredEvent } from "../../gate-link/index.ts";
import type { Directory } from "../directory/index.ts";
import { eventView } from "./event-view.ts";
import { selectEvent, selectEvents } from "./events.store.ts";

const DEFAULT_LIMIT = 100;

export type EventsService = ReturnType<typeof makeEventsService>;

/** Events as gates recorded them, without names: those are asked for one by one, with a reason. */
export function makeEventsService(dependencies: {
  readonly db: Database;
  readonly directory: () => Promise<Directory>;
  /** Tells of each event whether the duty desk may still be told whose it was. */
  readonly nameable: (events: readonly StoredEvent[]) => Promise<(event: StoredEvent) => boolean>;
}) {
  const { db, directory, nameable } = dependencies;

  /** For those who may ask for names, with what has one. */
  async function views(actor: Actor, events: readonly StoredEvent[]): Promise<EventItem[]> {
    const names = await directory();
    const isNameable = actor.permissions.has("events.name") ? await nameable(events) : () => false;
    return events.map((event) => ({
      ...eventView(event, names),
      ...(isNameable(event) ? { nameable: true as const } : {}),
    }));
  }

  return {
    async list(actor: Actor, query: EventQuery) {
      authorise(actor, "events.read");
      const limit = query.limit ?? DEFAULT_LIMIT;
      const page = cutPage(await selectEvents(db, query, limit), limit, (row) => [row.at, row.position]);
      return {
        items: await views(actor, page.rows),
        ...optional("nextCursor", page.nextCursor),
      };
    },

    async read(actor: Actor, gateId: string, sequence: number): Promise<EventItem> {
      authorise(actor, "events.read");
      const [view] = await views(actor, [found(await selectEvent(db, gateId, sequence), "event")]);
      return found(view, "event");
    },
  };
}
