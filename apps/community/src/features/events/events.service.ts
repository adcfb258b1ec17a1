import type { EventItem, EventQuery } from "@menshen/wire";
import { type Actor, authorise } from "../../authority/authorise.ts";
import { cutPage } from "../../database/cursor.ts";
import type { Database } from "../../database/database.ts";
import { found, optional } from "../../database/records.ts";
import type { Directory } from "./directory.ts";
import { eventView } from "./event-view.ts";
import { selectEvent, selectEvents } from "./events.store.ts";

const DEFAULT_LIMIT = 100;

export type EventsService = ReturnType<typeof makeEventsService>;

/** Events as gates recorded them, without names. */
export function makeEventsService(dependencies: {
  readonly db: Database;
  readonly directory: () => Promise<Directory>;
}) {
  const { db, directory } = dependencies;
  return {
    async list(actor: Actor, query: EventQuery) {
      authorise(actor, "events.read");
      const limit = query.limit ?? DEFAULT_LIMIT;
      const names = await directory();
      const page = cutPage(await selectEvents(db, query, limit), limit, (row) => [row.at, row.position]);
      return {
        items: page.rows.map((event) => eventView(event, names)),
        ...optional("nextCursor", page.nextCursor),
      };
    },

    async read(actor: Actor, gateId: string, sequence: number): Promise<EventItem> {
      authorise(actor, "events.read");
      return eventView(found(await selectEvent(db, gateId, sequence), "event"), await directory());
    },
  };
}
