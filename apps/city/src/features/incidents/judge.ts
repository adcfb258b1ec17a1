import { randomUUID } from "node:crypto";
import { weekOf, weeksBefore } from "@menshen/service-kit/city-link";
import { sql } from "kysely";
import { moment, type Trx } from "../../database/database.ts";
import { type Thresholds, threshold } from "./thresholds.ts";

/**
 * Looks whether patterns that a report brought are now in as many communities as make an incident. All that hang together
 * are one incident: the oldest of them grows, and later ones are merged into it. A closed one opens again.
 */
export async function judge(
  trx: Trx,
  patterns: readonly string[],
  thresholds: Thresholds,
  now: number,
): Promise<void> {
  if (patterns.length === 0) return;
  // One at a time, so that two reports that come together cannot open an incident each.
  await sql`select pg_advisory_xact_lock(hashtext('menshen city incidents'))`.execute(trx);
  const hot = await hangingTogether(trx, patterns, (some) => hotAmong(trx, some, thresholds, now));
  const known = await trx
    .selectFrom("incident_pattern")
    .innerJoin("incident", "incident.id", "incident_pattern.incident_id")
    .select(["incident.id", "incident.number"])
    .where("pattern", "in", [...patterns, ...hot])
    .groupBy(["incident.id", "incident.number"])
    .orderBy("incident.number")
    .execute();
  if (hot.length === 0 && known.length === 0) return;
  const [oldest, ...later] = known;
  const incidentId = oldest?.id ?? randomUUID();
  if (oldest === undefined) {
    await trx
      .insertInto("incident")
      .values({ id: incidentId, opened_at: moment(now), closed_by: null, finding: null, merged_into: null })
      .execute();
  }
  for (const { id } of later) {
    await trx
      .updateTable("incident_pattern")
      .set({ incident_id: incidentId })
      .where("incident_id", "=", id)
      .execute();
    await trx
      .updateTable("incident")
      .set({ merged_into: incidentId })
      .where("merged_into", "=", id)
      .execute();
    await trx.updateTable("incident").set({ merged_into: incidentId }).where("id", "=", id).execute();
  }
  for (const pattern of hot) {
    await trx
      .insertInto("incident_pattern")
      .values({ pattern, incident_id: incidentId })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  await trx
    .updateTable("incident")
    .set({ closed_at: null, closed_by: null, finding: null })
    .where("id", "=", incidentId)
    .execute();
}

/** Patterns among these that are hot, and all others that are and hang together with them by a report that has both. */
async function hangingTogether(
  trx: Trx,
  patterns: readonly string[],
  hotOf: (patterns: readonly string[]) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const hot = new Set<string>();
  const seen = new Set(patterns);
  let fresh = await hotOf(patterns);
  while (fresh.length > 0) {
    for (const pattern of fresh) hot.add(pattern);
    const beside = await trx
      .selectFrom("report_pattern")
      .innerJoin("report_pattern as other", (join) =>
        join
          .onRef("other.community_id", "=", "report_pattern.community_id")
          .onRef("other.report_id", "=", "report_pattern.report_id"),
      )
      .select("other.pattern")
      .distinct()
      .where("report_pattern.pattern", "in", [...fresh])
      .execute();
    const further = beside.map(({ pattern }) => pattern).filter((pattern) => !seen.has(pattern));
    for (const pattern of further) seen.add(pattern);
    fresh = further.length === 0 ? [] : await hotOf(further);
  }
  return [...hot].toSorted();
}

/** Those that enough communities reported within the window. */
async function hotAmong(
  trx: Trx,
  patterns: readonly string[],
  thresholds: Thresholds,
  now: number,
): Promise<readonly string[]> {
  const since = weeksBefore(weekOf(now), thresholds.weeks) ?? "";
  const counts = await trx
    .selectFrom("report_pattern")
    .innerJoin("report", (join) =>
      join
        .onRef("report.community_id", "=", "report_pattern.community_id")
        .onRef("report.id", "=", "report_pattern.report_id"),
    )
    .select("pattern")
    .select((eb) => eb.fn.count<number>("report.community_id").distinct().as("communities"))
    .where("pattern", "in", [...patterns])
    .where("week", ">=", since)
    .groupBy("pattern")
    .execute();
  return counts
    .filter(({ pattern, communities }) => communities >= threshold(pattern, thresholds))
    .map(({ pattern }) => pattern)
    .toSorted();
}
