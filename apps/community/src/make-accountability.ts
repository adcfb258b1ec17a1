import type { Logger } from "@menshen/service-kit";
import type { ChangeRunner } from "./change-record/change-scope.ts";
import type { Clock } from "./clock.ts";
import type { Database } from "./database/database.ts";
import { breachRoutes, makeIncidentsService } from "./features/breach/index.ts";
import type { CommunityService } from "./features/community/index.ts";
import { complaintsRoutes, makeComplaints } from "./features/complaints/index.ts";
import {
  countWithoutConsent,
  type HasConsent,
  makeMessagesService,
  makeSharingService,
  messagesRoutes,
} from "./features/messages/index.ts";
import { makePenaltiesService, penaltiesRoutes } from "./features/penalties/index.ts";
import type { Router } from "./http/router.ts";
import type { ReceiptKey } from "./keys/receipt-key.ts";
import type { StorageKey } from "./keys/storage-key.ts";

/** Reports are due within hours: half a minute is soon enough. */
const TICK_MS = 30_000;

/** By what residents hold others to account: complaints, penalties, what is sent to them, and incidents. */
export function makeAccountability(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly change: ChangeRunner;
  readonly storageKey: StorageKey;
  readonly receiptKey: () => Promise<ReceiptKey>;
  readonly community: { readonly id: string; readonly facts: CommunityService["facts"] };
  /** Access points that the rules grant to a person. */
  readonly placesOf: (personId: string) => Promise<ReadonlySet<string>>;
  readonly hasConsent: HasConsent;
}) {
  const { logger, community } = dependencies;
  const complaints = makeComplaints({
    ...dependencies,
    communityId: community.id,
    timeZone: async () => (await community.facts()).timeZone,
  });
  const incidents = makeIncidentsService({ ...dependencies, community: community.facts });
  const messages = makeMessagesService(dependencies);
  const sharing = makeSharingService(dependencies);
  const penalties = makePenaltiesService(dependencies);
  let running: Promise<void> | undefined;

  /** Does what any clock wants by now. */
  async function tick(): Promise<void> {
    await complaints.queue.tick();
    await incidents.tick();
  }
  const timer = setInterval(() => {
    running ??= tick()
      .catch((error: unknown) =>
        logger.error({ error }, "deadlines of complaints and reports were not looked after"),
      )
      .finally(() => {
        running = undefined;
      });
  }, TICK_MS);
  timer.unref();

  return {
    /** For the conformity page: what stands against a rule, by the row's name. */
    counters: {
      A1: () => countWithoutConsent(dependencies.db),
      B2: incidents.countMissed,
      K1: complaints.queue.countOverdue,
      K2: complaints.queue.countUnlogged,
    },
    /** For detection. */
    openIncident: incidents.openIncident,
    findings: incidents.findings,
    tick,
    routes(router: Router) {
      complaintsRoutes(router, complaints);
      penaltiesRoutes(router, penalties);
      messagesRoutes(router, { messages, sharing });
      breachRoutes(router, incidents);
    },
    async stop(): Promise<void> {
      clearInterval(timer);
      await running;
    },
  };
}
