import { type Case, DEFAULT_SETTINGS, makeDetector } from "@menshen/detection";
import { epochAt, epochStart } from "@menshen/domain";
import { CASE_STEPS, type DetectionNumbers, type DetectionTrial } from "@menshen/wire";
import type { Database } from "../../database/database.ts";
import { selectEpochGrid } from "../trail/index.ts";
import { parse } from "./case-view.ts";
import { readDoorMap } from "./doors-document.ts";
import { selectEnds } from "./ends.store.ts";
import { takeStored } from "./engine.ts";
import { selectSettings, type Tuned } from "./settings.store.ts";

const HOUR_MS = 3_600_000;
const LISTED = 50;

/** What is tried: these numbers on what was stored up to a position, at a time. */
export interface TrialOrder {
  readonly tuned: DetectionNumbers;
  readonly position: number;
  readonly now: number;
}

export type TrialOutcome = Required<Pick<DetectionTrial, "events" | "present" | "tried" | "more" | "fewer">>;

type Raised = ReadonlyMap<string, Case>;

/**
 * Judges all stored events of this epoch and the last twice, by the numbers in force and by others. Changes nothing.
 *
 * @param progressed told the share that is done, 0 to 1
 */
export async function judgeTrial(
  db: Database,
  { tuned, position, now }: TrialOrder,
  progressed: (share: number) => void,
): Promise<TrialOutcome> {
  const { tuned: inForce } = await selectSettings(db);
  const raisedBy = (numbers: Tuned, told: (share: number) => void) =>
    raised(db, { tuned: numbers, position, now }, told);
  const present = await raisedBy(inForce, (share) => progressed(share / 2));
  const tried = await raisedBy(tuned, (share) => progressed(0.5 + share / 2));
  return {
    events: tried.events,
    present: stepsOf(present.cases),
    tried: stepsOf(tried.cases),
    more: onlyIn(tried.cases, present.cases),
    fewer: onlyIn(present.cases, tried.cases),
  };
}

/** The last case of each card and day as these numbers raise them. */
async function raised(
  db: Database,
  { tuned, position, now }: Omit<TrialOrder, "tuned"> & { readonly tuned: Tuned },
  progressed: (share: number) => void,
): Promise<{ readonly cases: Raised; readonly events: number }> {
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
    progressed(Math.min(1, Math.max(0, (at - from) / Math.max(1, now - from))));
  }
  detector.finish();
  return { cases, events: detector.counts.judged };
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
