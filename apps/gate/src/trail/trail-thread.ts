import { Worker } from "node:worker_threads";
import { checkTrail, type TrailAnswer, type TrailRequest } from "./trail-check.ts";

/** A ceremony's certificate takes hundreds of milliseconds; a document without one is checked at once. */
const SMALL_BYTES = 4 * 1024;

/**
 * Checks a trail document off the thread that opens doors. Such a document is rare, so each gets a thread that ends with
 * it; should that die, the check is done here.
 */
export function checkTrailAside(
  request: TrailRequest,
  start: (request: TrailRequest) => Worker = startWorker,
): Promise<TrailAnswer> {
  if (request.message.length < SMALL_BYTES) return Promise.resolve(checkTrail(request));
  return new Promise((resolve) => {
    const worker = start(request);
    let answered = false;
    worker.unref();
    worker.once("message", (answer: TrailAnswer) => {
      answered = true;
      resolve(answer);
      void worker.terminate();
    });
    // Its end follows and is what counts; without a listener the error would end the process.
    worker.on("error", () => undefined);
    worker.once("exit", () => {
      if (!answered) resolve(checkTrail(request));
    });
  });
}

function startWorker(request: TrailRequest): Worker {
  return new Worker(new URL("./trail-worker.ts", import.meta.url), { workerData: request });
}
