import { type DoorMap, parseDoors } from "@menshen/detection";
import { type EpochGrid, Instant } from "@menshen/domain";
import { zoneTransitions } from "@menshen/policy";
import type { Reader } from "../../database/database.ts";
import { CommunityError } from "../../errors.ts";
import { selectCommunity } from "../community/index.ts";
import { selectWalks } from "./settings.store.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** What the engine calls the street. */
const OUTSIDE = "outside";

/** The doors as the engine knows them, and a text that changes whenever they do. */
export interface KnownDoors {
  readonly doors: DoorMap;
  readonly text: string;
}

/** Reads gates, doors in both directions, and measured walks. */
export async function readDoorMap(db: Reader, grid: EpochGrid, now: number): Promise<KnownDoors> {
  const community = await selectCommunity(db);
  if (community === undefined) throw new CommunityError("internal", "the community is not set up");
  const points = await db
    .selectFrom("access_point")
    .innerJoin("portal", "portal.id", "access_point.portal_id")
    .select(["access_point.id", "portal.gate_id", "from_area_id", "to_area_id"])
    .where("access_point.removed_at", "is", null)
    .where("portal.removed_at", "is", null)
    .orderBy("access_point.id")
    .execute();
  const areaOf = (id: string) => (id === community.outsideAreaId ? OUTSIDE : id);
  const known = new Set(points.map(({ id }) => id));
  const document = {
    version: 1,
    utcOffsetMinutes: utcOffsetMinutes(community.timeZone, now),
    epoch: { anchor: grid.anchorMs, lengthHours: grid.epochMs / HOUR_MS },
    gates: [...new Set(points.map(({ gate_id }) => gate_id))].map((id) => ({ id })),
    accessPoints: points.map((point) => ({
      id: point.id,
      gate: point.gate_id,
      from: areaOf(point.from_area_id),
      to: areaOf(point.to_area_id),
    })),
    walks: (await selectWalks(db)).filter(({ a, b }) => known.has(a) && known.has(b)),
  };
  const parsed = parseDoors(document);
  if (!parsed.ok) {
    const [fault] = parsed.faults;
    throw new CommunityError("internal", `the doors: ${fault?.at ?? ""}: expected ${fault?.expected ?? ""}`);
  }
  return { doors: parsed.doors, text: JSON.stringify(document) };
}

/** East of UTC, today: the engine counts hours of the day by it. */
function utcOffsetMinutes(timeZone: string, now: number): number {
  const transitions = zoneTransitions(timeZone, Instant(now - DAY_MS), Instant(now + 1));
  return Math.round((transitions.findLast(({ since }) => since <= now)?.offsetSeconds ?? 0) / 60);
}
