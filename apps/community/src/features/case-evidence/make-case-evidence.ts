import type { GateState } from "@menshen/detection";
import { deadBefore } from "@menshen/domain";
import type { EvidenceLog } from "@menshen/evidence/node";
import type { Logger } from "@menshen/service-kit";
import type { OpeningKeys } from "@menshen/wire";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import type { Router } from "../../http/router.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import type { Directory } from "../directory/index.ts";
import type { PackageKey } from "../opening/index.ts";
import { selectEpochGrid, selectRetentionDays } from "../trail/index.ts";
import { caseEvidenceRoutes } from "./case-evidence.routes.ts";
import { makeCaseEvidenceService } from "./case-evidence.service.ts";
import { deleteBatches } from "./case-evidence.store.ts";
import { makeSealing } from "./sealing.ts";
import { makeTimeStamper } from "./time-stamper.ts";

/** Evidence of cases that holds without this server's word for it. */
export function makeCaseEvidence(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly change: ChangeRunner;
  readonly storageKey: StorageKey;
  readonly log: Pick<EvidenceLog, "proofOf">;
  readonly directory: () => Promise<Directory>;
  readonly timeZone: string;
  /** Certificate of the community's authority, DER. */
  readonly authority: Uint8Array;
  /** What the engine knows of the gates' clocks. */
  readonly clocks: () => readonly GateState[];
  readonly keys: () => Promise<OpeningKeys>;
  readonly packageKey: PackageKey;
  readonly community: { readonly id: string; readonly name: () => Promise<string> };
  readonly timeStamp?: { readonly url: string };
}) {
  const { db, clock, timeStamp } = dependencies;
  const service = makeCaseEvidenceService({ ...dependencies, stamps: timeStamp !== undefined });
  const sealing = makeSealing({ ...dependencies, stamp: makeTimeStamper(timeStamp?.url) });
  return {
    /** Seals what the log has published. */
    seal: sealing.seal,
    routes: (router: Router) => caseEvidenceRoutes(router, service),
    async tidy(): Promise<void> {
      await sealing.forget();
      const dead = deadBefore(await selectEpochGrid(db), clock.now(), await selectRetentionDays(db));
      await db.transaction().execute((trx) => deleteBatches(trx, dead));
    },
  };
}
