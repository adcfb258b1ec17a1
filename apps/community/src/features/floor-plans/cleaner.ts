import { Worker } from "node:worker_threads";
import { CommunityError } from "../../errors.ts";
import { faulty, type ImageOutcome } from "./image-outcome.ts";

/** A drawing of ten megabytes takes a tablet's processor five seconds. */
const LONGEST_MS = 20_000;
const MOST_MEMORY_MB = 512;

/** Cleans uploaded images one after the other, each in a thread of its own: a large drawing delays no door's news. */
export type Cleaner = (bytes: Uint8Array) => Promise<ImageOutcome>;

export function makeCleaner(): Cleaner {
  let last: Promise<unknown> = Promise.resolve();
  return (bytes) => {
    const cleaned = last.then(() => cleanInThread(bytes));
    last = cleaned.catch(() => undefined);
    return cleaned;
  };
}

function cleanInThread(bytes: Uint8Array): Promise<ImageOutcome> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./clean-worker.ts", import.meta.url), {
      workerData: bytes,
      resourceLimits: { maxOldGenerationSizeMb: MOST_MEMORY_MB },
    });
    const settle = (end: () => void) => {
      clearTimeout(late);
      void worker.terminate();
      end();
    };
    const late = setTimeout(() => settle(() => resolve(faulty("too-complex"))), LONGEST_MS);
    worker.once("message", (outcome: ImageOutcome) => settle(() => resolve(outcome)));
    worker.once("error", (error: NodeJS.ErrnoException) =>
      settle(() => {
        if (error.code === "ERR_WORKER_OUT_OF_MEMORY") resolve(faulty("too-complex"));
        else reject(error);
      }),
    );
    worker.once("exit", () =>
      settle(() => reject(new CommunityError("internal", "the thread that cleans images ended early"))),
    );
  });
}
