import { randomUUID } from "node:crypto";
import type { Logger } from "@menshen/service-kit";
import type { DetectionNumbers, DetectionTrial } from "@menshen/wire";
import type { Clock } from "../../clock.ts";
import type { TrialOrder, TrialOutcome } from "./trial-judge.ts";

/** One trial that was begun somewhere. */
export interface RunningTrial {
  /** Rejects when it failed or was stopped. */
  readonly outcome: Promise<TrialOutcome>;
  /** Ends it at once. */
  readonly stop: () => void;
}

/** Begins a trial in a thread of its own. */
export type StartTrial = (order: TrialOrder, progressed: (share: number) => void) => RunningTrial;

/** What other numbers would have raised on the stored events, judged beside everything else. One at a time. */
export interface Trials {
  /** Begins one and stops the one before; answers how it stands. */
  begin(tuned: DetectionNumbers): DetectionTrial;
  /** Stops the one that runs, if one does; answers the last. */
  stop(): DetectionTrial | undefined;
  /** The one that was begun last. */
  latest(): DetectionTrial | undefined;
}

export function makeTrials(dependencies: {
  readonly clock: Clock;
  readonly logger: Pick<Logger, "error">;
  readonly lastPosition: () => Promise<number>;
  readonly startTrial: StartTrial;
}): Trials {
  const { clock, logger, lastPosition, startTrial } = dependencies;
  let latest: DetectionTrial | undefined;
  let running: RunningTrial | undefined;

  async function run(id: string, tuned: DetectionNumbers): Promise<void> {
    const isWanted = () => latest?.id === id && latest.state === "running";
    const show = (more: Partial<DetectionTrial>) => {
      if (latest !== undefined && isWanted()) latest = { ...latest, ...more };
    };
    try {
      const position = await lastPosition();
      if (!isWanted()) return;
      running = startTrial({ tuned, position, now: clock.now() }, (progress) => show({ progress }));
      show({ ...(await running.outcome), progress: 1, state: "over" });
    } catch (error) {
      if (!isWanted()) return;
      logger.error({ error }, "a trial of other numbers ended early");
      show({ state: "failed" });
    }
  }

  function stop(): DetectionTrial | undefined {
    if (latest?.state === "running") latest = { ...latest, state: "stopped" };
    running?.stop();
    running = undefined;
    return latest;
  }

  return {
    begin(tuned) {
      stop();
      const id = randomUUID();
      latest = { id, tuned, state: "running", progress: 0, startedAt: clock.now() };
      void run(id, tuned);
      return latest;
    },
    stop,
    latest: () => latest,
  };
}
