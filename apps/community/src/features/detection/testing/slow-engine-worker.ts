import { parentPort, workerData } from "node:worker_threads";
import { Instant } from "@menshen/domain";
import pg from "pg";
import { serveEngine } from "../engine-port.ts";
import { slowDatabase, type TestPlan } from "./slow-database.ts";

// As engine-worker.ts, with a clock that stands still, a slow database, and an early death where a test wants it.
if (parentPort === null) throw new Error("a worker thread was expected");
const { connection, now, dies = [], lives }: TestPlan = workerData;
const life = lives === undefined ? dies.length : Atomics.add(new Int32Array(lives), 0, 1);
let left = dies[life] ?? Number.POSITIVE_INFINITY;
serveEngine({
  port: parentPort,
  db: slowDatabase(connection, () => {
    left -= 1;
    if (left === 0) {
      setImmediate(() => {
        throw new Error("a fault that a test wants");
      });
    }
  }),
  pool: new pg.Pool({ ...connection, max: 1 }),
  clock: { now: () => Instant(now) },
});
