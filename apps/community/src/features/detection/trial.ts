import { randomUUID } from "node:crypto";
import { type Case, DEFAULT_SETTINGS, makeDetector } from "@menshen/detection";
import { epochAt, epochStart } from "@menshen/domain";
import type { Logger } from "@menshen/service-kit";
import { CASE_STEPS, type DetectionNumbers, type DetectionTrial } from "@menshen/wire";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import { selectEpochGrid } from "../trail/index.ts";
import { parse } from "./case-view.ts";
import { readDoorMap } from "./doors-document.ts";
import { selectEnds } from "./ends.store.ts";
import { takeStored } from "./engine.ts";
import { selectSettings, type Tuned } from "./settings.store.ts";

const HOUR_MS = 3_600_000;
const LISTED = 50;

type Raised = ReadonlyMap<string, Case>;

/** What other numbers would have raised on the stored events, judged page by page beside everything else. One at a time. */
export interface Trials {
  /** Begins one and lets go of the one before; answers how it stands. */
  begin(tuned: DetectionNumbers): DetectionTrial;
  /** The one that was begun last. */
  latest(): DetectionTrial | undefined;
}

export function makeTrials(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly lastPosition: () => Promise<number>;
}): Trials {
  const { db, clock, logger, lastPosition } = dependencies;
  let latest: DetectionTrial | undefined;

  /** The last case of each card and day as these numbers raise them. Undefined once another trial was begun. */
  async function raisedBy(
    id: string,
    tuned: Tuned,
    position: number,
    progressed: (share: number) => void,
  ): Promise<{ readonly cases: Raised; readonly events: number } | undefined> {
    const now = clock.now();
    const grid = await selectEpochGrid(db);
    const { doors } = await readDoorMap(db, grid, now);
    const cases = new Map<string, Case>();
    const detector = makeDetector({
      doors,
      settings: tuned,
      onCase: (found) => cases.set(found.case, found),
    });
    const lateMs = (tuned.lateHours ?? DEFAULT_SETTINGS.lateHours) * HOUR_MS;
    const from = epochStart(grid, Math.max(1, (epochAt(grid, now) ?? 1) - 1));
    const reports = await selectEnds(db);
    for await (const at of takeStored(db, { detector, lateMs, position, reports }, from)) {
      if (latest?.id !== id) return undefined;
      progressed(Math.min(1, Math.max(0, (at - from) / Math.max(1, now - from))));
    }
    detector.finish();
    return { cases, events: detector.counts.judged };
  }

  async function run(id: string, tuned: DetectionNumbers): Promise<void> {
    const show = (more: Partial<DetectionTrial>) => {
      if (latest?.id === id) latest = { ...latest, ...more };
    };
    const position = await lastPosition();
    const { tuned: inForce } = await selectSettings(db);
    const present = await raisedBy(id, inForce, position, (share) => show({ progress: share / 2 }));
    if (present === undefined) return;
    const tried = await raisedBy(id, tuned, position, (share) => show({ progress: 0.5 + share / 2 }));
    if (tried === undefined) return;
    show({
      progress: 1,
      state: "over",
      events: tried.events,
      present: stepsOf(present.cases),
      tried: stepsOf(tried.cases),
      more: onlyIn(tried.cases, present.cases),
      fewer: onlyIn(present.cases, tried.cases),
    });
  }

  return {
    begin(tuned) {
      const id = randomUUID();
      latest = { id, tuned, state: "running", progress: 0, startedAt: clock.now() };
      run(id, tuned).catch((error: unknown) => {
        logger.error({ error }, "a trial of other numbers ended early");
        if (latest?.id === id) latest = { ...latest, state: "failed" };
      });
      return latest;
    },
    latest: () => latest,
  };
}

function stepsOf(cases: Raised): Record<string, number> {
  const steps: Record<string, number> = {};
  for (const { step } of cases.values()) steps[step] = (steps[step] ?? 0) + 1;
  return steps;
}

/** Cases that the others do not have, the gravest first; the card's name stays here. */
function onlyIn(some: Raised, others: Raised): NonNullable<DetectionTrial["more"]> {
  return [...some]
    .filter(([name]) => !others.has(name))
    .map(([, { at, kind, step, score, signs }]) => ({
      at,
      kind,
      step: parse(CASE_STEPS, step),
      score,
      rules: [...new Set(signs.map(({ rule }) => rule))],
    }))
    .sort((one, other) => other.score - one.score || one.at - other.at)
    .slice(0, LISTED)
    .map(({ score: _score, ...found }) => found);
}
