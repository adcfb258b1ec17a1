import type { AreaRules, AreaRulesSet } from "@menshen/wire";

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const USUAL_TIMED_MINUTES = 10;
const USUAL_ESCORT_SECONDS = 10;

/** Rules of an area as its form holds them; an empty number is `null`, as its field gives it. */
export interface AreaDraft {
  readonly counted: boolean;
  readonly antiPassback: AreaRules["antiPassback"];
  /** With `timed` only. */
  readonly timedMinutes?: number | null;
  readonly occupancyLimit: number | null;
  readonly countsOnlyConfirmed: boolean;
  readonly whenApart: AreaRules["whenApart"];
  readonly staffFirst: boolean;
  readonly twoPersons: boolean;
  readonly escorted: boolean;
  /** With `escorted` only. */
  readonly escortSeconds?: number | null;
}

/** The form as it opens; times that were never set stand at what is usual. */
export function areaDraft(rules: AreaRules): AreaDraft {
  const { antiPassback, counted, countsOnlyConfirmed, staffFirst, twoPersons, whenApart } = rules;
  return {
    ...{ antiPassback, counted, countsOnlyConfirmed, staffFirst, twoPersons, whenApart },
    timedMinutes: rules.timedMs === undefined ? USUAL_TIMED_MINUTES : rules.timedMs / MINUTE_MS,
    occupancyLimit: rules.occupancyLimit ?? null,
    escorted: rules.escort !== undefined,
    escortSeconds: rules.escort === undefined ? USUAL_ESCORT_SECONDS : rules.escort.withinMs / SECOND_MS,
  };
}

/** What is sent: a time stands only with the setting that it belongs to. */
export function areaRulesOf(draft: AreaDraft, revision: number): AreaRulesSet {
  const { antiPassback, counted, countsOnlyConfirmed, staffFirst, twoPersons, whenApart } = draft;
  return {
    ...{ antiPassback, counted, countsOnlyConfirmed, staffFirst, twoPersons, whenApart, revision },
    ...(antiPassback === "timed"
      ? { timedMs: Math.round((draft.timedMinutes ?? USUAL_TIMED_MINUTES) * MINUTE_MS) }
      : {}),
    ...(draft.occupancyLimit === null ? {} : { occupancyLimit: draft.occupancyLimit }),
    ...(draft.escorted
      ? { escort: { withinMs: (draft.escortSeconds ?? USUAL_ESCORT_SECONDS) * SECOND_MS } }
      : {}),
  };
}
