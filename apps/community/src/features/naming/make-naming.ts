import type { Logger } from "@menshen/service-kit";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import type { StoredEvent, TrailSource } from "../../gate-link/index.ts";
import type { DeskDayKeys } from "../../keys/desk-day-keys.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import { makeNamingDecisionsService } from "./decisions.service.ts";
import { makeDeskKeys } from "./desk-keys.ts";
import { makeDeskSecrets } from "./desk-secrets.ts";
import { makeNamesService } from "./names.service.ts";
import { makeToldService } from "./told.service.ts";

/** Days begin and keys end to the minute. */
const TICK_MS = 30_000;

export type NamingServices = ReturnType<typeof makeNaming>;

/** Naming to the duty desk, put together. `stop` ends its clock and waits for what it does. */
export function makeNaming(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly change: ChangeRunner;
  readonly storageKey: StorageKey;
  readonly dayKeys: DeskDayKeys;
  readonly timeZone: string;
  readonly proveLeaf: TrailSource["proveIssue"];
  readonly fallingShort: TrailSource["fallingShort"];
  readonly findEvent: (gateId: string, sequence: number) => Promise<StoredEvent | undefined>;
  /** Gates must hear of other keys. */
  readonly tellGates: () => Promise<void>;
}) {
  const { logger, tellGates } = dependencies;
  const secrets = makeDeskSecrets(dependencies);
  const deskKeys = makeDeskKeys({ ...dependencies, secrets });
  let queue: Promise<void> = Promise.resolve();

  /** One after the other; `always` tells gates of what ended, too. */
  function review(always = false): Promise<void> {
    queue = queue.then(async () => {
      try {
        const made = await deskKeys.review();
        if (made || always) await tellGates();
      } catch (error) {
        logger.error({ error }, "the duty desk's keys could not be looked after");
      }
    });
    return queue;
  }

  const timer = setInterval(() => void review(), TICK_MS);
  timer.unref();

  return {
    decisions: makeNamingDecisionsService({ ...dependencies, decided: () => void review(true) }),
    told: makeToldService(dependencies),
    names: makeNamesService({ ...dependencies, secrets }),
    /** Once before anything else: destroys what is due, and seals again what an earlier version stored. */
    tidy: deskKeys.tidy,
    /** Destroys what is due and makes what is missing; after the log was published, and by the clock. */
    review: () => review(),
    async stop(): Promise<void> {
      clearInterval(timer);
      await queue;
    },
  };
}
