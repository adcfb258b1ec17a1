import { parentPort } from "node:worker_threads";
import { snapshotBuffers } from "@menshen/policy";
import { checkSnapshot, type SnapshotRequest } from "./snapshot-check.ts";

// The thread that checks large snapshots: one request after the other, the tables handed over without a copy.

parentPort?.on("message", (request: SnapshotRequest) => {
  const answer = checkSnapshot(request);
  parentPort?.postMessage(answer, answer.outcome === "checked" ? snapshotBuffers(answer.snapshot) : []);
});
