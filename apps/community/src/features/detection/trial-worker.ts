// A thread that tries other numbers on what is stored; see trial-thread.ts. It has its own database connection.

import { parentPort, workerData } from "node:worker_threads";
import { openDatabase } from "../../database/database.ts";
import { CommunityError } from "../../errors.ts";
import { judgeTrial } from "./trial-judge.ts";
import type { TrialPlan, TrialReport } from "./trial-thread.ts";

if (parentPort === null) throw new CommunityError("internal", "a trial runs as a worker thread");
const port = parentPort;
const report = (message: TrialReport) => port.postMessage(message);
const { connection, order }: TrialPlan = workerData;
const db = openDatabase({ ...connection, max: 1 }, () => {});
const outcome = await judgeTrial(db, order, (share) => report({ what: "progress", share }));
report({ what: "over", outcome });
await db.destroy();
