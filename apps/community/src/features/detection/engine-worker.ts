// A thread that judges what is stored; see engine-thread.ts. It has its own database connections.

import { parentPort, workerData } from "node:worker_threads";
import pg from "pg";
import { systemClock } from "../../clock.ts";
import { openDatabase } from "../../database/database.ts";
import { CommunityError } from "../../errors.ts";
import { serveEngine } from "./engine-port.ts";
import type { EnginePlan } from "./engine-thread.ts";

if (parentPort === null) throw new CommunityError("internal", "the detection engine runs as a worker thread");
const { connection }: EnginePlan = workerData;
const pool = new pg.Pool({ ...connection, max: 1, connectionTimeoutMillis: 10_000 });
// A connection that breaks is opened again by the next query.
pool.on("error", () => {});
serveEngine({
  port: parentPort,
  db: openDatabase({ ...connection, max: 2 }, () => {}),
  pool,
  clock: systemClock,
});
