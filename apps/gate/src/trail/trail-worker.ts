import { parentPort, workerData } from "node:worker_threads";
import { checkTrail, type TrailRequest } from "./trail-check.ts";

// A thread for one trail document.

const request: TrailRequest = workerData;
parentPort?.postMessage(checkTrail(request));
