import { deadBefore, epochAt } from "@menshen/domain";
import type { Logger } from "@menshen/service-kit";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import type { GateLink } from "../../gate-link/index.ts";
import type { Router } from "../../http/router.ts";
import type { IncidentsService } from "../breach/index.ts";
import { selectEpochGrid, selectRetentionDays } from "../trail/index.ts";
import { makeCasesService } from "./cases.service.ts";
import { forgetBefore } from "./cases.store.ts";
import { detectionRoutes } from "./detection.routes.ts";
import { forgetEndsBefore } from "./ends.store.ts";
import { type DetectionEngine, makeDetectionEngine } from "./engine.ts";
import { makeMassCloningWatch } from "./mass-cloning.ts";
import { makeResidentCasesService } from "./resident-cases.service.ts";
import { makeTrials, type StartTrial } from "./trial.ts";
import { judgeTrial } from "./trial-judge.ts";
import { makeTuningService } from "./tuning.service.ts";

/** Starts the engine elsewhere than in this thread. */
export type StartEngine = (dependencies: {
  readonly gateLink: Pick<GateLink, "onLive">;
  readonly afterJudging: () => Promise<void>;
}) => DetectionEngine;

export type Detection = ReturnType<typeof makeDetection>;

/** Copies are found here: the engine over what gates stored, and what people do with what it says. */
export function makeDetection(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly change: ChangeRunner;
  readonly gateLink: Pick<GateLink, "onLive" | "readGates" | "lastPosition">;
  readonly tellGates: () => Promise<void>;
  readonly openIncident: IncidentsService["openIncident"];
  /** Absent: in this thread. */
  readonly startEngine?: StartEngine;
  /** Absent: in this thread. */
  readonly startTrial?: StartTrial;
}) {
  const { db, clock, gateLink, startEngine } = dependencies;
  const afterJudging = makeMassCloningWatch(dependencies);
  const engine =
    startEngine?.({ gateLink, afterJudging }) ?? makeDetectionEngine({ ...dependencies, afterJudging });
  const trials = makeTrials({
    ...dependencies,
    lastPosition: gateLink.lastPosition,
    startTrial:
      dependencies.startTrial ??
      ((order, progressed) => ({ outcome: judgeTrial(db, order, progressed), stop: () => undefined })),
  });
  const services = {
    cases: makeCasesService(dependencies),
    residents: makeResidentCasesService({ ...dependencies, judgeSoon: engine.nudge }),
    tuning: makeTuningService({
      ...dependencies,
      engine,
      trials,
      lastPosition: gateLink.lastPosition,
    }),
  };
  return {
    engine,
    async stop(): Promise<void> {
      trials.stop();
      await engine.stop();
    },
    routes: (router: Router) => detectionRoutes(router, services),
    /** Signs and names of cards go with the epoch whose entries they are of. */
    async tidy(): Promise<void> {
      const grid = await selectEpochGrid(db);
      const now = clock.now();
      const living = epochAt(grid, deadBefore(grid, now, await selectRetentionDays(db)));
      if (living === undefined) return;
      await db.transaction().execute(async (trx) => {
        await forgetBefore(trx, living, now);
        await forgetEndsBefore(trx, living);
      });
    },
  };
}
