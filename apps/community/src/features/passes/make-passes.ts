import type { SigningKey } from "@menshen/crypto/node";
import type { CommunityId } from "@menshen/domain";
import type { Logger } from "@menshen/service-kit";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import type { LeafRecorder } from "../../evidence-record/index.ts";
import type { TrailSource } from "../../gate-link/index.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import { selectRecordSettings } from "../retention/index.ts";
import type { CredentialRegister } from "../transparency/index.ts";
import { makeOwnDoorsService } from "./doors.service.ts";
import { makePhonesService } from "./phones.service.ts";
import type { Places } from "./places.ts";
import { deleteOldRevocations } from "./revocations.store.ts";
import { makePassSettingsService } from "./settings.service.ts";
import { makeTokenKeys } from "./token-keys.ts";
import { makeTokensService } from "./tokens.service.ts";
import { makeVisitorPassesService } from "./visitor-passes.service.ts";
import { deleteOldPasses, selectPassesToEnd } from "./visitor-passes.store.ts";

/** Keys of tokens are there before their day begins: a minute is soon enough. */
const TICK_MS = 30_000;
const DAY_MS = 86_400_000;

export type PassServices = ReturnType<typeof makePasses>;

/** Passes and tokens, put together. `start` begins to look after the keys by the clock; `stop` ends it. */
export function makePasses(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly change: ChangeRunner;
  readonly leaves: LeafRecorder;
  readonly storageKey: StorageKey;
  readonly places: Places;
  readonly register: CredentialRegister;
  readonly communityKey: SigningKey;
  readonly community: {
    readonly id: CommunityId;
    readonly timeZone: string;
    readonly name: () => Promise<string>;
  };
  readonly publicUrl: () => string;
  readonly proveLeaf: TrailSource["proveIssue"];
  /** Gates must hear of what changed. */
  readonly tellGates: () => Promise<void>;
}) {
  const { db, clock, logger, register, community, tellGates } = dependencies;
  const tokenKeys = makeTokenKeys({ ...dependencies, timeZone: community.timeZone });
  let queue: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  /** One after the other. */
  function look(work: () => Promise<boolean>): Promise<void> {
    queue = queue.then(async () => {
      try {
        if (await work()) await tellGates();
      } catch (error) {
        logger.error({ error }, "the keys of one-time tokens could not be looked after");
      }
    });
    return queue;
  }
  const review = () => look(tokenKeys.review);

  return {
    doors: makeOwnDoorsService({ ...dependencies, communityId: community.id }),
    phones: makePhonesService({ ...dependencies, communityId: community.id }),
    tokens: makeTokensService({ ...dependencies, timeZone: community.timeZone }),
    visitorPasses: makeVisitorPassesService(dependencies),
    settings: makePassSettingsService({
      ...dependencies,
      changed: () =>
        void look(async () => {
          await tokenKeys.review();
          return true;
        }),
    }),
    /** Makes and destroys keys of tokens; called again while it runs, it follows. */
    review,
    /** The log was published: keys that it shows now begin to sign. */
    prove: () => look(tokenKeys.prove),
    start() {
      timer ??= setInterval(() => void review(), TICK_MS);
      timer.unref();
      void review();
    },
    async stop(): Promise<void> {
      clearInterval(timer);
      await queue;
    },
    /** Ends what is over in the log, and forgets what nobody asks for any more. */
    async tidy(): Promise<void> {
      await db.transaction().execute(async (trx) => {
        const now = clock.now();
        const over = await selectPassesToEnd(trx, now);
        await register.endPasses(trx, now, over);
        await deleteOldRevocations(trx, now);
        const { recordRetentionDays } = await selectRecordSettings(trx);
        await deleteOldPasses(trx, now - recordRetentionDays * DAY_MS);
      });
    },
  };
}
