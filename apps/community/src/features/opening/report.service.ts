import type { OpeningReport } from "@menshen/wire";
import type { Database } from "../../database/database.ts";
import { type CountedStatement, selectCountedStatements, selectReport } from "./report.store.ts";

const NONE = {
  requests: 0,
  refusals: 0,
  expired: 0,
  answered: 0,
  entriesOpened: 0,
  emergencies: 0,
  reviewed: 0,
  lateAnswers: 0,
  holds: 0,
};

/**
 * The report of a year as anybody can count it from the public statements of the log, without this server's word.
 *
 * @param statements public ones of that year, each with its topic and parsed JSON
 */
export function recount(year: number, statements: readonly CountedStatement[]): OpeningReport {
  const counts = { ...NONE };
  for (const { topic, statement } of statements) {
    switch (topic) {
      case "opening-announced":
        counts.requests += 1;
        if (statement.path === "emergency") counts.emergencies += 1;
        break;
      case "opening-refused":
        counts.refusals += 1;
        break;
      case "opening-expired":
        counts.expired += 1;
        break;
      case "opening-answered":
        counts.answered += 1;
        if (typeof statement.entriesOpened === "number") counts.entriesOpened += statement.entriesOpened;
        break;
      case "opening-reviewed":
        counts.reviewed += 1;
        break;
      case "opening-late":
        counts.lateAnswers += 1;
        break;
      case "hold-placed":
        counts.holds += 1;
        break;
      default:
    }
  }
  return { year, ...counts };
}

export type ReportService = ReturnType<typeof makeReportService>;

/** The yearly report. Exact: there is never noise in what holds somebody to account. */
export function makeReportService({ db }: { readonly db: Database }) {
  return {
    /** For anybody. Years are those of UTC. */
    async report(year: number) {
      const [from, until] = [Date.UTC(year, 0), Date.UTC(year + 1, 0)];
      return db
        .transaction()
        .setIsolationLevel("repeatable read")
        .execute(async (trx) => {
          const report = { year, ...(await selectReport(trx, from, until)) };
          const recounted = recount(year, await selectCountedStatements(trx, from, until));
          return { report, recount: recounted, equal: JSON.stringify(report) === JSON.stringify(recounted) };
        });
    },
  };
}
