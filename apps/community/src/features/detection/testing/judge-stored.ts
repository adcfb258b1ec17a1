import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Instant } from "@menshen/domain";
import { makeLogger } from "@menshen/service-kit";
import type pg from "pg";
import { openDatabase } from "../../../database/database.ts";
import { makeDetectionEngine } from "../engine.ts";

// Judges all that a database holds and says so; a test kills it on the way.
const { values } = parseArgs({ options: { connection: { type: "string" }, now: { type: "string" } } });
const connection: pg.PoolConfig = JSON.parse(values.connection ?? "{}");
// So slow that there is time to be killed between any two statements.
const db = openDatabase(connection, () => undefined).withPlugin({
  transformQuery: ({ node }) => node,
  async transformResult({ result }) {
    await delay(5);
    return result;
  },
});
const engine = makeDetectionEngine({
  db,
  clock: { now: () => Instant(Number(values.now)) },
  logger: makeLogger({ app: "test", level: "error" }),
  gateLink: {
    onLive: () => () => undefined,
    readGates: async () => [],
    lastPosition: async () => {
      const row = await db
        .selectFrom("event")
        .select((eb) => eb.fn.max("position").as("last"))
        .executeTakeFirst();
      return Number(row?.last ?? 0);
    },
  },
});
await engine.settle();
await db.destroy();
process.stdout.write("judged\n");
