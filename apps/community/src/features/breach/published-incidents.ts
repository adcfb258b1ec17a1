import type { IncidentAhead, PublishedIncident, ReportClock } from "@menshen/wire";
import type { Database, Reader } from "../../database/database.ts";
import { optional } from "../../database/records.ts";
import { selectClocks, selectIncidentLeaves, selectIncidents } from "./incidents.store.ts";
import { alarmOf } from "./report-clocks.ts";

/** An incident's clocks as they stand at `now`. */
export async function clocksOf(reader: Reader, id: string, now: number): Promise<readonly ReportClock[]> {
  return (await selectClocks(reader, id)).map((one) => {
    const { halfAlarmAt: _half, nearlyAlarmAt: _nearly, ...shown } = one;
    return { ...shown, ...optional("alarm", alarmOf(one, now)) };
  });
}

/**
 * What everybody may read: published incidents, newest first; and of others what the public log already says of them, a
 * report that came too late or what was decided of telling those affected.
 */
export async function readPublished(
  db: Database,
  now: number,
): Promise<{ readonly items: PublishedIncident[]; readonly ahead: IncidentAhead[] }> {
  const leaves = await selectIncidentLeaves(db);
  const items: PublishedIncident[] = [];
  const ahead: IncidentAhead[] = [];
  for (const one of await selectIncidents(db)) {
    const { id, kind, grade, openedAt, publishedAt, affected, words, telling, notTelling, override } = one;
    const decided = {
      ...optional("notTelling", notTelling),
      ...optional("override", override),
      leaves: [...(leaves.get(id) ?? [])],
    };
    const clocks = [...(await clocksOf(db, id, now))];
    if (publishedAt !== undefined) {
      const { cause = "", remedies = "" } = words;
      const shown = { id, kind, grade, openedAt, publishedAt, affected, cause, remedies, clocks, telling };
      items.push({ ...shown, ...decided });
      continue;
    }
    const late = clocks.filter(({ alarm }) => alarm === "missed");
    if (late.length > 0 || notTelling !== undefined || override !== undefined)
      ahead.push({ id, late, ...decided });
  }
  return { items, ahead };
}
