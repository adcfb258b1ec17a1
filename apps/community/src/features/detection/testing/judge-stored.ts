import { parseArgs } from "node:util";
import { Instant } from "@menshen/domain";
import { makeLogger } from "@menshen/service-kit";
import pg from "pg";
import { makeJournalReader } from "../../../gate-link/index.ts";
import { makeDetectionEngine } from "../engine.ts";
import { startEngineThread } from "../engine-thread.ts";
import { slowDatabase, type TestPlan } from "./slow-database.ts";

// Judges all that a database holds and says so; a test kills it on the way.
const { values } = parseArgs({
  options: { connection: { type: "string" }, now: { type: "string" }, thread: { type: "boolean" } },
});
const plan: TestPlan = { connection: JSON.parse(values.connection ?? "{}"), now: Number(values.now) };
const logger = makeLogger({ app: "test", level: "error" });
if (values.thread === true) {
  const engine = startEngineThread({
    plan,
    logger,
    gateLink: { onLive: () => () => undefined },
    afterJudging: async () => undefined,
    worker: new URL("./slow-engine-worker.ts", import.meta.url),
  });
  await engine.settle();
  await engine.stop();
} else {
  const db = slowDatabase(plan.connection);
  const pool = new pg.Pool(plan.connection);
  const engine = makeDetectionEngine({
    db,
    clock: { now: () => Instant(plan.now) },
    logger,
    gateLink: { onLive: () => () => undefined, ...makeJournalReader(pool) },
  });
  await engine.settle();
  await db.destroy();
  await pool.end();
}
process.stdout.write("judged\n");
