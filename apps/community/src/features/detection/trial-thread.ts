import { Worker } from "node:worker_threads";
import { CommunityError } from "../../errors.ts";
import type { EnginePlan } from "./engine-thread.ts";
import type { StartTrial } from "./trial.ts";
import type { TrialOrder, TrialOutcome } from "./trial-judge.ts";

/** What the thread needs to find everything itself. */
export interface TrialPlan extends EnginePlan {
  readonly order: TrialOrder;
}

export type TrialReport =
  | { readonly what: "progress"; readonly share: number }
  | { readonly what: "over"; readonly outcome: TrialOutcome };

const WORKER = new URL("./trial-worker.ts", import.meta.url);

/**
 * Each trial in a thread of its own, which ends with it: judging two epochs' taps twice holds up neither doors nor screens, and
 * one that is stopped is gone at once, wherever it was. It only reads.
 */
export function trialThreads({ connection }: EnginePlan, worker: URL = WORKER): StartTrial {
  return (order, progressed) => {
    const thread = new Worker(worker, { workerData: { connection, order } satisfies TrialPlan });
    // A server that stops does not wait for it.
    thread.unref();
    const { promise: outcome, resolve, reject } = Promise.withResolvers<TrialOutcome>();
    thread.on("message", (report: TrialReport) => {
      if (report.what === "progress") progressed(report.share);
      else resolve(report.outcome);
    });
    thread.on("error", reject);
    thread.on("exit", () => reject(new CommunityError("unavailable", "the trial's thread ended")));
    return { outcome, stop: () => void thread.terminate() };
  };
}
