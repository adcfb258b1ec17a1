import { type Grade, weakestGrade } from "@menshen/domain";
import type { CommunitySettings, GradeCounts, HealthFinding, MigrationReport, ToVisit } from "@menshen/wire";
import { type Actor, authorise } from "../../authority/authorise.ts";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import { found } from "../../database/records.ts";
import { selectCommunity } from "../community/index.ts";
import {
  type CountedCredentials,
  selectCounted,
  selectEnds,
  selectToVisit,
  selectToVisitCounts,
} from "./card-migration.store.ts";

const DAY_MS = 86_400_000;
const MONTHS_BACK = 12;

export type CardMigrationService = ReturnType<typeof makeCardMigrationService>;

/** How far a community is on its way from cards that anybody can copy to ones that nobody can. */
export function makeCardMigrationService(dependencies: { readonly db: Database; readonly clock: Clock }) {
  const { db, clock } = dependencies;

  async function ending(at: number): Promise<MigrationReport["ending"]> {
    const ends = await selectEnds(db, at, at + 60 * DAY_MS);
    const within = (days: number, more: number) =>
      ends.filter((end) => end - at <= days * DAY_MS && end - at > more * DAY_MS).length;
    return { within7: within(7, 0), within30: within(30, 7), within60: within(60, 30) };
  }

  return {
    async report(actor: Actor): Promise<MigrationReport> {
      authorise(actor, "credentials.read");
      const at = clock.now();
      const community = found(await selectCommunity(db), "community");
      const moments = [...monthsBefore(at), at];
      const counted = await selectCounted(db, moments);
      const now = counted.filter((row) => row.at === at);
      const toVisit = await selectToVisitCounts(db, at);
      const buildings = new Map<string | undefined, string | undefined>(
        now.map(({ buildingId, buildingName }) => [buildingId, buildingName]),
      );
      return {
        at,
        legacyUntil: community.legacyUntil,
        grades: gradesOf(now, community, at),
        toVisit: [...toVisit.values()].reduce((sum, count) => sum + count, 0),
        ending: await ending(at),
        buildings: [...buildings]
          .map(([buildingId, buildingName]) => ({
            ...(buildingId === undefined ? {} : { buildingId }),
            ...(buildingName === undefined ? {} : { buildingName }),
            grades: gradesOf(
              now.filter((row) => row.buildingId === buildingId),
              community,
              at,
            ),
            toVisit: toVisit.get(buildingId) ?? 0,
          }))
          .sort((a, b) => b.toVisit - a.toVisit || compare(a.buildingName, b.buildingName)),
        progress: moments.map((moment) => ({
          at: moment,
          grades: gradesOf(
            counted.filter((row) => row.at === moment),
            community,
            moment,
          ),
        })),
      };
    },

    async toVisit(actor: Actor, buildingId: string | undefined): Promise<readonly ToVisit[]> {
      authorise(actor, "credentials.read");
      return selectToVisit(db, clock.now(), buildingId);
    },

    /** Cards that will stop working soon: better said before than found out at the door. */
    async findings(): Promise<readonly HealthFinding[]> {
      const { within7, within30, within60 } = await ending(clock.now());
      const days = within7 > 0 ? 7 : within30 > 0 ? 30 : 60;
      const cards = within7 || within30 || within60;
      if (cards === 0) return [];
      return [
        {
          code: "old-cards-ending",
          severity: days === 7 ? "warning" : "notice",
          values: { cards, days },
        },
      ];
    },
  };
}

/** Beginnings of the months before, by the calendar of UTC, the oldest first. */
function monthsBefore(at: number): number[] {
  const now = new Date(at);
  return Array.from({ length: MONTHS_BACK }, (_, index) =>
    Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - (MONTHS_BACK - 1) + index, 1),
  );
}

/** After the caps in force at a moment: a kind that turned out weak counts as what it is. */
function gradesOf(
  rows: readonly CountedCredentials[],
  { gradeCaps }: Pick<CommunitySettings, "gradeCaps">,
  at: number,
): GradeCounts {
  const counts: Record<Grade, number> = { A: 0, B: 0, C: 0, D: 0, E: 0 };
  for (const { kind, grade, count } of rows) {
    const caps = gradeCaps.filter((cap) => cap.kind === kind && cap.from <= at).map((cap) => cap.grade);
    counts[weakestGrade(grade, ...caps)] += count;
  }
  return counts;
}

function compare(a = "\uffff", b = "\uffff"): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
