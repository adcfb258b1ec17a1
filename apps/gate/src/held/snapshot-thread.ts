import { Worker } from "node:worker_threads";
import { refreezeSnapshot } from "@menshen/policy";
import { checkSnapshot, type SnapshotAnswer, type SnapshotRequest } from "./snapshot-check.ts";

/** Below this the check takes a few milliseconds, less than the way to a thread and back. */
const SMALL_BYTES = 128 * 1024;

/**
 * Checks snapshots off the thread that opens doors: a large one takes hundreds of milliseconds, and a person at a
 * reader would wait for it. Calls come one after the other. The thread is started when first needed and ends with the
 * process; should it die, the check is done here.
 */
export function makeSnapshotThread(
  start: () => Worker = startWorker,
): (request: SnapshotRequest) => Promise<SnapshotAnswer> {
  let worker: Worker | undefined;

  function running(): Worker {
    if (worker !== undefined) return worker;
    const started = start();
    // Its end follows and is what counts; without a listener the error would end the process.
    started.on("error", () => undefined);
    started.on("exit", () => {
      if (worker === started) worker = undefined;
    });
    started.unref();
    worker = started;
    return started;
  }

  function ask(request: SnapshotRequest): Promise<SnapshotAnswer> {
    const asked = running();
    return new Promise((resolve) => {
      const settle = (answer: SnapshotAnswer) => {
        asked.off("message", onMessage);
        asked.off("exit", onEnd);
        resolve(answer);
      };
      const onMessage = (answer: SnapshotAnswer) =>
        settle(
          answer.outcome === "checked" ? { ...answer, snapshot: refreezeSnapshot(answer.snapshot) } : answer,
        );
      const onEnd = () => settle(checkSnapshot(request));
      asked.on("message", onMessage);
      asked.on("exit", onEnd);
      asked.postMessage(request);
    });
  }

  return (request) => {
    const sizeBytes = request.message.length + (request.held?.bytes.length ?? 0);
    return sizeBytes < SMALL_BYTES ? Promise.resolve(checkSnapshot(request)) : ask(request);
  };
}

function startWorker(): Worker {
  return new Worker(new URL("./snapshot-worker.ts", import.meta.url));
}
