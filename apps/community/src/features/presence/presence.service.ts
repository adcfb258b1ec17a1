import { type AreaCount, AT_DOOR_MS, type AtDoorItem, type MusterLine } from "@menshen/wire";
import { type Actor, authorise } from "../../authority/authorise.ts";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import { optional } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import { selectAreaRules } from "../door-rules/index.ts";
import { lockOwnShift, setPresenceSeen } from "../shifts/index.ts";
import type { PresenceBook } from "./presence-book.ts";

/** Gates tell every 20 s: three silences and what was said is old. */
const FRESH_MS = 60_000;
const ROUTINE = { code: "routine" } as const;

export type PresenceService = ReturnType<typeof makePresenceService>;

/** What guards see of where persons are: counts always, homes and roles on duty only, and nothing of it stored. */
export function makePresenceService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly book: PresenceBook;
}) {
  const { db, clock, change, book } = dependencies;

  /** Homes tell of residents: only those on duty see them, and that they looked stands once a shift. */
  async function demandDuty(actor: Actor): Promise<void> {
    authorise(actor, "doors.command");
    await change({ actor, reason: ROUTINE }, async ({ trx, at, record }) => {
      const shift = await lockOwnShift(trx, actor.staffId);
      if (shift === undefined) throw refusal("conflict", "open your shift first");
      if (shift.presenceSeenAt !== undefined) return;
      await setPresenceSeen(trx, shift.id, at);
      await record({ action: "presence.seen", entity: "shift", entityId: shift.id });
    });
  }

  async function dwellingNames(ids: readonly (string | undefined)[]): Promise<ReadonlyMap<string, string>> {
    const wanted = [...new Set(ids.filter((id) => id !== undefined))];
    if (wanted.length === 0) return new Map();
    const rows = await db
      .selectFrom("dwelling")
      .innerJoin("building", "building.id", "dwelling.building_id")
      .select(["dwelling.id", "dwelling.name", "building.name as building"])
      .where("dwelling.id", "in", wanted)
      .execute();
    return new Map(rows.map((row) => [row.id, `${row.building} ${row.name}`]));
  }

  return {
    async counts(actor: Actor): Promise<{ areas: AreaCount[]; muster: boolean }> {
      authorise(actor, "doors.read");
      const now = clock.now();
      const reports = book.reports();
      const areas = (await selectAreaRules(db)).flatMap(({ areaId, areaName, occupancyLimit }) => {
        const said = reports.flatMap(({ report, at }) =>
          report.areas.filter((area) => area.areaId === areaId).map((area) => ({ ...area, at })),
        );
        const fresh = said.filter(({ at }) => now - at < FRESH_MS);
        const counted = fresh.length > 0 ? fresh : said;
        if (counted.length === 0) return [];
        const apart = counted.some((area) => area.apart);
        const latest = counted.reduce((one, other) => (other.at > one.at ? other : one));
        return [
          {
            areaId,
            areaName,
            // Gates that hear each other agree; of those that do not, none knows less than it saw.
            persons: apart ? Math.max(...counted.map(({ persons }) => persons)) : latest.persons,
            ...optional("occupancyLimit", occupancyLimit),
            apart,
            fresh: fresh.length > 0,
            at: latest.at,
          },
        ];
      });
      return { areas, muster: reports.some(({ report }) => report.muster !== undefined) };
    },

    /** Throws `conflict` without an open shift of one's own. */
    async muster(actor: Actor): Promise<MusterLine[]> {
      await demandDuty(actor);
      const lists = book
        .reports()
        .flatMap(({ report }) => (report.muster === undefined ? [] : [report.muster]));
      const names = await dwellingNames(lists.flat().map(({ dwellingId }) => dwellingId));
      return (await selectAreaRules(db)).flatMap(({ areaId, areaName }) => {
        const total = (lines: (typeof lists)[number]) =>
          lines.reduce((sum, line) => sum + (line.areaId === areaId ? line.persons : 0), 0);
        // Several gates may tell of one area: nobody is left out for the sake of one that knows less.
        const [fullest = []] = lists.toSorted((one, other) => total(other) - total(one));
        return fullest
          .filter((line) => line.areaId === areaId)
          .map(({ dwellingId, role, persons }) => ({
            areaId,
            areaName,
            ...optional("dwellingName", dwellingId && names.get(dwellingId)),
            ...optional("role", role),
            persons,
          }));
      });
    },

    /** Newest first. Throws `conflict` without an open shift of one's own. */
    async atDoor(actor: Actor): Promise<AtDoorItem[]> {
      await demandDuty(actor);
      const since = clock.now() - AT_DOOR_MS;
      const taps = book
        .reports()
        .flatMap(({ report: { gateId, atDoor } }) => atDoor.map((tap) => ({ ...tap, gateId })))
        .filter(({ at }) => at > since)
        .toSorted((one, other) => other.at - one.at);
      const names = await dwellingNames(taps.map(({ dwellingId }) => dwellingId));
      return taps.map(({ gateId, sequence, at, accessPointId, dwellingId, role }) => ({
        gateId,
        sequence,
        at,
        accessPointId,
        ...optional("dwellingName", dwellingId && names.get(dwellingId)),
        ...optional("role", role),
      }));
    },
  };
}
