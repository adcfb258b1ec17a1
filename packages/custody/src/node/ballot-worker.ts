import { parentPort, workerData } from "node:worker_threads";
import { randomBytes } from "@menshen/crypto/node";
import { addUpPart } from "../ballot/index.ts";
import { parseEpochKey } from "../epoch-key.ts";
import type { PartOrder } from "./ballot-threads.ts";

// What started this thread wrote its order; nothing of it comes from elsewhere.
const { key, place, ballots } = workerData as PartOrder;
parentPort?.postMessage(addUpPart(parseEpochKey(key), place, ballots, randomBytes));
