import type { HealthFinding, ReportClock, ServerFindingCode } from "@menshen/wire";
import type { Database } from "../../database/database.ts";
import { countMissed, selectClocks, selectUnreported } from "./incidents.store.ts";
import { alarmOf, alarmTimes } from "./report-clocks.ts";

/** So long a report that came too late stands against the community, in days. */
const STANDS_DAYS = 365;
const DAY_MS = 86_400_000;

const FINDINGS: Readonly<
  Record<NonNullable<ReportClock["alarm"]>, readonly [ServerFindingCode, HealthFinding["severity"]]>
> = {
  half: ["incident-report-half", "warning"],
  nearly: ["incident-report-nearly", "fault"],
  missed: ["incident-report-missed", "fault"],
};

/** Reports that nobody made yet and whose time runs out, or ran out. */
export async function reportFindings(db: Database, now: number): Promise<readonly HealthFinding[]> {
  const findings: HealthFinding[] = [];
  for (const incidentId of await selectUnreported(db)) {
    for (const one of await selectClocks(db, incidentId)) {
      const alarm = one.reportedAt === undefined ? alarmOf(one, now) : undefined;
      if (alarm === undefined) continue;
      const [code, severity] = FINDINGS[alarm];
      const { halfAt, nearlyAt } = alarmTimes(one);
      const since = { half: halfAt, nearly: nearlyAt, missed: one.dueAt }[alarm];
      const values = { incidentId, authority: one.authority, dueAt: one.dueAt };
      findings.push({ code, severity, since: Math.ceil(since), values });
    }
  }
  return findings;
}

/** Reports that are overdue, and those of the last year that came too late: reporting late takes nothing back. */
export function countMissedReports(db: Database, now: number): Promise<number> {
  return countMissed(db, now, now - STANDS_DAYS * DAY_MS);
}
