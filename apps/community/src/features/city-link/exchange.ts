import { fromHex, randomBytes } from "@menshen/crypto/node";
import type { Logger } from "@menshen/service-kit";
import { type CityClient, CityLinkError, makeCityClient } from "@menshen/service-kit/city-link";
import { EVALUATIONS_AT_ONCE } from "@menshen/wire";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import { noteHeard, noteTrouble, selectConnection, type Trouble } from "./connection.store.ts";
import {
  forgetLateNumbers,
  forgetWithdrawn,
  markOutdated,
  markSent,
  reportOf,
  selectReady,
  selectUntagged,
  selectWithdrawing,
  storeHeard,
  storeTag,
} from "./reports.store.ts";
import { CITY_KEY_CONTEXT, caseNumberContext, listedNumberContext } from "./sealing.ts";

const EVERY_MS = 600_000;

export type Exchange = ReturnType<typeof makeExchange>;

/**
 * Talks with the city: asks for tags of numbers, tells, takes back, and hears. What is to be told stands in the database
 * first and is told under an id of its own, so that a round that breaks off anywhere is simply begun again.
 */
export function makeExchange(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly storageKey: StorageKey;
  readonly fetch?: typeof fetch;
}) {
  const { db, clock, logger, storageKey } = dependencies;
  let running: Promise<void> | undefined;
  let isAskedAgain = false;
  let timer: NodeJS.Timeout | undefined;

  const clientOf = (url: string, secretKey: Uint8Array): CityClient =>
    makeCityClient({
      url,
      secretKey,
      now: clock.now,
      randomBytes,
      ...(dependencies.fetch === undefined ? {} : { fetch: dependencies.fetch }),
    });

  async function tagNumbers(client: CityClient, evaluationKey: Uint8Array): Promise<void> {
    for (;;) {
      const rows = await selectUntagged(db, EVALUATIONS_AT_ONCE);
      if (rows.length === 0) return;
      const numbers = rows.map((row) =>
        row.listed_number === null || row.number_id === null
          ? storageKey.open(row.sealed_number ?? new Uint8Array(), caseNumberContext(row.id))
          : storageKey.open(row.listed_number, listedNumberContext(row.number_id)),
      );
      const tags = await client.tagNumbers(evaluationKey, numbers);
      await db.transaction().execute(async (trx) => {
        for (const [index, { id }] of rows.entries()) await storeTag(trx, id, fromHex(tags[index] ?? ""));
      });
    }
  }

  async function tell(client: CityClient): Promise<void> {
    for (const row of await selectReady(db)) {
      try {
        await client.report(row.id, reportOf(row));
        await markSent(db, row.id, "told");
      } catch (error) {
        // A report that the city does not take must not stand in the way of the others.
        if (!(error instanceof CityLinkError) || error.refusal !== "invalid-request") throw error;
        await markSent(db, row.id, "refused");
      }
    }
    for (const id of await selectWithdrawing(db)) {
      await client.withdraw(id);
      await db.transaction().execute((trx) => forgetWithdrawn(trx, id));
    }
  }

  async function round(): Promise<void> {
    await db.transaction().execute(async (trx) => {
      await markOutdated(trx);
      await forgetLateNumbers(trx, clock.now());
    });
    const connection = await selectConnection(db);
    if (connection === undefined) return;
    const client = clientOf(connection.url, storageKey.open(connection.sealed_key, CITY_KEY_CONTEXT));
    let limited = false;
    try {
      await tagNumbers(client, connection.evaluation_key).catch((error: unknown) => {
        if (!(error instanceof CityLinkError) || error.code !== "rate-limited") throw error;
        limited = true;
      });
      await tell(client);
      const heard = await client.incidents();
      await db.transaction().execute(async (trx) => {
        await storeHeard(trx, heard.items);
        await noteHeard(trx, heard.issuers, clock.now());
      });
      if (limited) await noteTrouble(db, "rate-limited");
    } catch (error) {
      if (!(error instanceof CityLinkError)) throw error;
      const trouble: Trouble = error.code === "bad-address" ? "unreachable" : error.code;
      logger.warn({ code: trouble }, "the city could not be told");
      await noteTrouble(db, trouble);
    }
  }

  /** Runs a round; while one runs, another follows it, and the answer is that one's end. */
  function run(): Promise<void> {
    if (running !== undefined) {
      isAskedAgain = true;
      return running;
    }
    running = (async () => {
      do {
        isAskedAgain = false;
        await round();
      } while (isAskedAgain);
    })().finally(() => {
      running = undefined;
    });
    return running;
  }

  const runQuietly = () => {
    run().catch((error: unknown) => logger.error({ error }, "the talk with the city failed"));
  };

  return {
    run,
    clientOf,
    /** Something is to be told: soon, and without making anybody wait. */
    nudge(): void {
      if (timer !== undefined) runQuietly();
    },
    start(): void {
      timer = setInterval(runQuietly, EVERY_MS);
      runQuietly();
    },
    async stop(): Promise<void> {
      clearInterval(timer);
      timer = undefined;
      await running?.catch(() => undefined);
    },
  };
}
