import { DEFAULT_EPOCH_MS, type EpochGrid, Instant } from "@menshen/domain";
import { localTimeAt, zoneTransitions } from "@menshen/policy";
import { moment, type Reader } from "../../database/database.ts";
import { CommunityError } from "../../errors.ts";

const DAY_MS = 86_400_000;
/** From one midnight into the next day, whatever the clocks do: a day has 23 to 25 hours. */
const INTO_NEXT_DAY_MS = 36 * 3_600_000;

/**
 * Lays the epochs' grid at the first start: from the local midnight before `now`, in steps of four weeks. Later starts,
 * and another time zone, change nothing.
 */
export async function ensureEpochGrid(
  db: Reader,
  community: { readonly timeZone: string },
  now: number,
): Promise<void> {
  await db
    .insertInto("epoch_grid")
    .values({ anchor: moment(midnightBefore(community.timeZone, now)), epoch_ms: DEFAULT_EPOCH_MS })
    .onConflict((conflict) => conflict.column("only_row").doNothing())
    .execute();
}

export async function selectEpochGrid(db: Reader): Promise<EpochGrid> {
  const row = await db.selectFrom("epoch_grid").select(["anchor", "epoch_ms"]).executeTakeFirst();
  if (row === undefined) throw new CommunityError("internal", "the epochs have no grid yet");
  return { anchorMs: row.anchor, epochMs: row.epoch_ms };
}

/** Local days from that of `now` on, as [midnight, next midnight). */
export function localDays(
  timeZone: string,
  now: number,
  count: number,
): readonly (readonly [from: number, until: number])[] {
  const midnights = [midnightBefore(timeZone, now)];
  for (let day = 0; day < count; day += 1) {
    midnights.push(midnightBefore(timeZone, (midnights.at(-1) ?? now) + INTO_NEXT_DAY_MS));
  }
  return midnights.slice(0, count).map((from, day) => [from, midnights[day + 1] ?? from]);
}

/** The moment, at or before `now`, at which the local day of `now` began. */
export function midnightBefore(timeZone: string, now: number): number {
  const until = Instant(now + 1);
  // Two days back, so that a day that began with a change of the clocks is covered.
  const transitions = zoneTransitions(timeZone, Instant(now - 2 * DAY_MS), until);
  const today = localTimeAt(transitions, until, Instant(now))?.dayNumber ?? Math.floor(now / DAY_MS);
  for (const { since, offsetSeconds } of transitions.toReversed()) {
    const midnight = today * DAY_MS - offsetSeconds * 1_000;
    if (midnight >= since) return midnight;
  }
  return today * DAY_MS;
}

/** How long after its end the shares of an epoch live. */
export async function selectRetentionDays(db: Reader): Promise<number> {
  const row = await db.selectFrom("custody_setting").select("retention_days").executeTakeFirstOrThrow();
  return row.retention_days;
}
