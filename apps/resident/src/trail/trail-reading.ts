import type { ReadingState } from "./read-wraps.ts";
import type { TrailJob, TrailReport } from "./trail-worker.ts";

/** Why a trail could not be read to its end: the server's code, `unreachable`, or `device` for this browser itself. */
export class TrailError extends Error {
  readonly code: string;

  constructor(code: string) {
    super(`the trail could not be read: ${code}`);
    this.name = "TrailError";
    this.code = code;
  }
}

/**
 * Reads what is new of the trail, in a worker, so that the page stays alive meanwhile. What was found is in the device
 * store when the promise is kept, and partly before.
 *
 * @returns how many entries were opened
 * @throws {TrailError}
 */
export function readTrail(job: TrailJob, told: (state: ReadingState) => void): Promise<number> {
  const worker = new Worker(new URL("./trail-worker.ts", import.meta.url), { type: "module" });
  const finished = new Promise<number>((resolve, reject) => {
    worker.onmessage = (event: MessageEvent<TrailReport>) => {
      const report = event.data;
      if (report.report === "progress") told(report.state);
      else if (report.report === "done") resolve(report.found);
      else reject(new TrailError(report.code));
    };
    worker.onerror = () => reject(new TrailError("device"));
  });
  worker.postMessage(job);
  return finished.finally(() => worker.terminate());
}
