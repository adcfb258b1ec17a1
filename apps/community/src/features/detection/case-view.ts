import {
  CASE_ANSWERS,
  CASE_FINDINGS,
  CASE_MEASURES,
  CASE_STEPS,
  type CaseAppeal,
  type CaseDetail,
  type CaseItem,
  type CaseMeasure,
} from "@menshen/wire";
import { optional } from "../../database/records.ts";
import { CommunityError } from "../../errors.ts";
import { underPrior } from "./calibration.ts";
import type { AppealRow, CaseRow, MeasureRow, selectAnswers, selectNeighbours } from "./cases.store.ts";

type AnswerRow = Awaited<ReturnType<typeof selectAnswers>>[number];
type Neighbour = Awaited<ReturnType<typeof selectNeighbours>>[number];

const SIMILAR = 10;

/** How probabilities are told: as the engine's prior was, and as closed cases show it. */
export interface Priors {
  readonly set: number;
  readonly calibrated: number;
}

export function caseItem(
  row: CaseRow,
  beside: {
    readonly measures: readonly MeasureRow[];
    readonly answers: readonly AnswerRow[];
    readonly appeals: readonly AppealRow[];
    readonly priors: Priors;
  },
): CaseItem {
  const { measures, answers, appeals, priors } = beside;
  const answer = answers.find(({ case_id }) => case_id === row.id)?.answer;
  return {
    id: row.id,
    kind: row.kind,
    epoch: row.epoch,
    openedAt: row.opened_at,
    reachedAt: row.reached_at,
    step: parse(CASE_STEPS, row.step),
    score: row.score,
    probability: underPrior(row.probability, priors.set, priors.calibrated),
    rules: rulesOf(row),
    ...optional("explainedAt", row.explained_at),
    ...(row.assigned_to === null
      ? {}
      : { assignedTo: { staffId: row.assigned_to, displayName: row.assigned_name ?? "" } }),
    ...optional("mergedInto", row.merged_into),
    measures: measures
      .filter(({ case_id, ended_at }) => case_id === row.id && ended_at === null)
      .map(({ measure }) => parse(CASE_MEASURES, measure)),
    ...(answer === undefined ? {} : { answer: parse(CASE_ANSWERS, answer) }),
    openAppeals: appeals.filter(({ case_id, answered_at }) => case_id === row.id && answered_at === null)
      .length,
    ...optional("closedAt", row.closed_at),
    ...(row.finding === null ? {} : { finding: parse(CASE_FINDINGS, row.finding) }),
    revision: row.revision,
  };
}

export function measureView(row: MeasureRow): CaseMeasure {
  return {
    id: row.id,
    measure: parse(CASE_MEASURES, row.measure),
    takenAt: row.taken_at,
    takenBy: row.taken_by_name,
    reason: row.reason,
    ...optional("endedAt", row.ended_at),
    ...optional("endReason", row.end_reason),
  };
}

export function appealView(row: AppealRow): CaseAppeal {
  return {
    id: row.id,
    words: row.words,
    at: row.at,
    ...optional("enteredBy", row.entered_by_name),
    ...optional("answeredAt", row.answered_at),
    ...(row.outcome === null ? {} : { outcome: parse(["upheld", "refused"] as const, row.outcome) }),
    ...optional("reason", row.reason),
  };
}

/** Those that share a rule and a door, the closest first. */
export function similarTo(row: CaseRow, neighbours: readonly Neighbour[]): CaseDetail["similar"] {
  const [rules, doors] = [new Set(rulesOf(row)), new Set(doorsOf(row))];
  return neighbours
    .filter(({ kind }) => kind === row.kind)
    .map((one) => ({
      id: one.id,
      openedAt: one.opened_at,
      step: parse(CASE_STEPS, one.step),
      rules: rulesOf(one).filter((rule) => rules.has(rule)),
      accessPointIds: doorsOf(one).filter((door) => doors.has(door)),
    }))
    .filter((one) => one.rules.length > 0 && one.accessPointIds.length > 0)
    .toSorted(
      (one, other) =>
        other.rules.length + other.accessPointIds.length - one.rules.length - one.accessPointIds.length,
    )
    .slice(0, SIMILAR);
}

function rulesOf({ signs }: Pick<CaseRow, "signs">): string[] {
  return [...new Set(signs.map(({ rule }) => rule))];
}

function doorsOf({ signs }: Pick<CaseRow, "signs">): string[] {
  return [...new Set(signs.map(({ accessPoint }) => accessPoint))];
}

export function parse<const Words extends readonly string[]>(words: Words, text: string): Words[number] {
  const word = words.find((candidate) => candidate === text);
  if (word === undefined) throw new CommunityError("internal", "a stored word of a case is unknown");
  return word;
}
