import type { EvidenceLog } from "@menshen/evidence/node";
import type { Logger } from "@menshen/service-kit";
import type { ChangeRunner } from "./change-record/change-scope.ts";
import type { Clock } from "./clock.ts";
import type { Database } from "./database/database.ts";
import type { IncidentsService } from "./features/breach/index.ts";
import { makeCaseEvidence } from "./features/case-evidence/index.ts";
import { makeCityLink } from "./features/city-link/index.ts";
import { makeDetection, type StartEngine, type StartTrial } from "./features/detection/index.ts";
import type { Directory } from "./features/directory/index.ts";
import { makeCleaner } from "./features/floor-plans/index.ts";
import { makeMarketService, marketRoutes } from "./features/market/index.ts";
import type { OpeningServices } from "./features/opening/index.ts";
import type { GateLink } from "./gate-link/index.ts";
import type { Router } from "./http/router.ts";
import type { StorageKey } from "./keys/storage-key.ts";

/**
 * Copied cards: found in what gates stored, their evidence, and copies beyond this community: what was seen on the market, and
 * what the city makes of all communities' findings.
 */
export function makeCopies(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly change: ChangeRunner;
  readonly storageKey: StorageKey;
  readonly log: Pick<EvidenceLog, "proofOf">;
  readonly directory: () => Promise<Directory>;
  readonly timeZone: string;
  readonly openings: Pick<OpeningServices, "handover" | "packageKey">;
  readonly gateLink: Pick<GateLink, "onLive" | "readGates" | "lastPosition" | "authority">;
  readonly tellGates: () => Promise<void>;
  readonly openIncident: IncidentsService["openIncident"];
  readonly community: { readonly id: string; readonly name: () => Promise<string> };
  readonly timeStamp?: { readonly url: string };
  /** Starts the engine in a thread of its own; absent: in this one. */
  readonly startEngine?: StartEngine;
  readonly startTrial?: StartTrial;
}) {
  const { gateLink, openings } = dependencies;
  const detection = makeDetection(dependencies);
  const evidence = makeCaseEvidence({
    ...dependencies,
    authority: gateLink.authority,
    clocks: () => detection.engine.state().gates,
    keys: openings.handover.keys,
    packageKey: openings.packageKey,
  });
  const city = makeCityLink(dependencies);
  const market = makeMarketService({ ...dependencies, clean: makeCleaner(), exchange: city.exchange });
  return {
    engine: detection.engine,
    exchange: city.exchange,
    /** To be called when the log has published something. */
    sealEvidence: evidence.seal,
    async tidy(): Promise<void> {
      await detection.tidy();
      await evidence.tidy();
      await market.tidy();
    },
    async stop(): Promise<void> {
      await detection.stop();
      await city.exchange.stop();
    },
    routes(router: Router): void {
      detection.routes(router);
      evidence.routes(router);
      city.routes(router);
      marketRoutes(router, market);
    },
  };
}
