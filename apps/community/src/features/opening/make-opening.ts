import type { Logger } from "@menshen/service-kit";
import type { HealthFinding } from "@menshen/wire";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import type { KeyRing } from "../custody/index.ts";
import { selectEpochGrid, selectRetentionDays } from "../trail/index.ts";
import { makeAnswersService } from "./answers.service.ts";
import { type LogPins, makeHandoverService } from "./handover.service.ts";
import { makeIntakeService } from "./intake.service.ts";
import type { PublishedLog } from "./opening-view.ts";
import { loadPackageKey } from "./package-key.ts";
import { makeReportService } from "./report.service.ts";
import { makeSealService } from "./seal.service.ts";

/** Deadlines are in hours and days; nobody notices half a minute. */
const TICK_MS = 30_000;

export type OpeningServices = Awaited<ReturnType<typeof makeOpeningServices>>;

/** Lawful opening, put together. `stop` ends its clock and waits for what it does. */
export async function makeOpeningServices(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly change: ChangeRunner;
  readonly storageKey: StorageKey;
  readonly log: PublishedLog;
  readonly logPins: () => LogPins;
  readonly keyRing: KeyRing;
  readonly community: { readonly id: string; readonly name: () => Promise<string> };
}) {
  const { db, clock, logger, change, storageKey, log, logPins, keyRing, community } = dependencies;
  const packageKey = await loadPackageKey(db, storageKey, community.id, clock.now());
  const base = { db, clock, change, storageKey, log, keyRing };
  const epochTimes = async () => ({
    grid: await selectEpochGrid(db),
    retentionDays: await selectRetentionDays(db),
  });
  const intake = makeIntakeService({ ...base, epochTimes });
  const answers = makeAnswersService(base);
  const handover = makeHandoverService({ ...base, packageKey, community, logPins });
  const seal = makeSealService({ ...base, intake, answers });
  let running: Promise<void> | undefined;
  const timer = setInterval(() => {
    running ??= seal
      .tick()
      .catch((error: unknown) =>
        logger.error({ error }, "the deadlines of requests could not be looked after"),
      )
      .finally(() => {
        running = undefined;
      });
  }, TICK_MS);
  timer.unref();

  return {
    intake,
    answers,
    handover,
    seal,
    report: makeReportService({ db }),
    packageKey,

    /** An emergency whose review is overdue stays an alarm until it is reviewed. */
    async findings(): Promise<readonly HealthFinding[]> {
      const overdue = await seal.reviewsOverdue();
      return overdue.map(
        ({ dueAt }): HealthFinding => ({ code: "opening-review-overdue", severity: "fault", since: dueAt }),
      );
    },

    async stop(): Promise<void> {
      clearInterval(timer);
      await running;
    },
  };
}
