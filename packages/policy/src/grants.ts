import type { PersonId } from "@menshen/domain";
import { GRANT_FLAGS, type GrantEntry, LIMITS } from "./document.ts";
import { compareGrants, compareNumbers } from "./document-read.ts";
import { PolicyError } from "./errors.ts";
import { type IntervalSet, intersection, pairsOf, validityInterval } from "./intervals.ts";
import { ruleSelector, type Selection } from "./matching.ts";
import type { NumberedRule } from "./model.ts";
import type { ModelIndex } from "./model-index.ts";

/** A rule with the access points of the gate that it leads through. */
export interface GateRule {
  readonly rule: NumberedRule;
  readonly accessPoints: readonly { readonly index: number; readonly shared: boolean }[];
}

/** What a credential row says of its holder. */
export interface Holder {
  readonly profile: number;
  readonly residencyFrom: number;
  readonly residencyUntil: number;
}

export interface GrantHolders {
  /** Rising by `compareProfiles`, none twice. */
  readonly profiles: readonly (readonly GrantEntry[])[];
  /** Persons with at least one grant at this gate, and those who left with something, who have none. */
  readonly holders: ReadonlyMap<PersonId, Holder>;
}

/**
 * Works out what each person with a credential is granted at a gate, and shares equal sets of grants as profiles. Of
 * each person's dates the most frequent ones go to the credential's row, so that homes with their own dates still
 * share one profile.
 *
 * @throws {PolicyError} `invalid-model` if somebody has too many grants at one access point.
 */
export function grantHolders(
  index: ModelIndex,
  rules: readonly GateRule[],
  waived: ReadonlyMap<PersonId, ReadonlySet<number>>,
): GrantHolders {
  const selectionsOf = ruleSelector(
    index,
    rules.map(({ rule }) => rule),
  );
  const drafts = new Map<string, readonly GrantEntry[]>();
  const textOfLikeness = new Map<string, string>();
  const draftOf = new Map<PersonId, { text: string; from: number; until: number }>();
  const keepDraft = (profile: readonly GrantEntry[]): string => {
    const text = profileText(profile);
    drafts.set(text, profile);
    return text;
  };
  for (const personId of index.credentialsOf.keys()) {
    const admissions = admissionsOf(selectionsOf(personId), rules);
    if (admissions.length === 0) {
      if (isGoneWithSomething(index, personId)) draftOf.set(personId, { text: keepDraft([]), ...UNDATED });
      continue;
    }
    const here = waived.get(personId);
    const dates = commonDates(admissions, rules);
    const likeness = likenessOf(admissions, dates, here);
    const known = textOfLikeness.get(likeness);
    if (known !== undefined) {
      draftOf.set(personId, { text: known, ...dates });
      continue;
    }
    const profile = grantsOf(admissions, rules, dates, here).sort(compareGrants);
    requireFewPerAccessPoint(profile);
    const text = keepDraft(profile);
    textOfLikeness.set(likeness, text);
    draftOf.set(personId, { text, ...dates });
  }
  const sorted = [...drafts].sort((a, b) => compareProfiles(a[1], b[1]));
  const positions = new Map(sorted.map(([text], position) => [text, position]));
  return {
    profiles: sorted.map(([, profile]) => profile),
    holders: new Map(
      [...draftOf].map(([personId, { text, from, until }]) => [
        personId,
        { profile: positions.get(text) ?? 0, residencyFrom: from, residencyUntil: until },
      ]),
    ),
  };
}

/** Whether somebody who lives and works here no more has a credential that is lost: every gate knows it. */
function isGoneWithSomething(index: ModelIndex, personId: PersonId): boolean {
  if (index.residenciesOf.has(personId)) return false;
  return index.credentialsOf.get(personId)?.some(({ status }) => status === "lost") === true;
}

/** Order of profiles in a document: shorter first, then grant by grant. */
export function compareProfiles(a: readonly GrantEntry[], b: readonly GrantEntry[]): number {
  if (a.length !== b.length) return a.length - b.length;
  for (const [position, grant] of a.entries()) {
    const other = b[position];
    const order = other === undefined ? 0 : compareGrants(grant, other);
    if (order !== 0) return order;
  }
  return 0;
}

interface Dates {
  readonly from: number;
  readonly until: number;
}

/** A stretch of time in which a rule admits a person. */
interface Way extends Dates {
  readonly resident: boolean;
}

/** How one rule admits one person: at doors that residents share, and at staff rooms. */
interface Admission {
  readonly position: number;
  readonly atShared: readonly Way[];
  readonly atStaff: readonly Way[];
}

function admissionsOf(selections: readonly Selection[], rules: readonly GateRule[]): readonly Admission[] {
  return selections.flatMap((selection) => {
    const rule = rules[selection.position];
    if (rule === undefined) return [];
    const atShared = waysOf(rule, selection, selection.asHousehold);
    const isAlike = selection.asHousehold === selection.asResident;
    const atStaff = isAlike ? atShared : waysOf(rule, selection, selection.asResident);
    const isUsed = rule.accessPoints.some(({ shared }) => (shared ? atShared : atStaff).length > 0);
    return isUsed ? [{ position: selection.position, atShared, atStaff }] : [];
  });
}

/** Dates that never meet the rule's own validity are left out. */
function waysOf({ rule }: GateRule, { asPerson }: Selection, times: IntervalSet): readonly Way[] {
  const validity = validityInterval(rule.validity);
  const ways = pairsOf(times).map(([from, until]) => ({ resident: true, from, until }));
  if (asPerson && !ways.some((way) => !isDated(way))) ways.push({ resident: false, ...UNDATED });
  return ways.filter(({ from, until }) => intersection([from, until], validity).length > 0);
}

const UNDATED: Dates = { from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY };

function isDated({ from, until }: Dates): boolean {
  return Number.isFinite(from) || Number.isFinite(until);
}

/** The dates that most of a person's grants have; the earliest if several are as frequent. */
function commonDates(admissions: readonly Admission[], rules: readonly GateRule[]): Dates {
  const counts = new Map<string, Dates & { readonly count: number }>();
  for (const { position, atShared, atStaff } of admissions) {
    const accessPoints = rules[position]?.accessPoints ?? [];
    const sharedCount = accessPoints.filter(({ shared }) => shared).length;
    for (const [ways, count] of [
      [atShared, sharedCount],
      [atStaff, accessPoints.length - sharedCount],
    ] as const) {
      for (const { from, until } of ways.filter(isDated)) {
        const key = `${from} ${until}`;
        counts.set(key, { from, until, count: (counts.get(key)?.count ?? 0) + count });
      }
    }
  }
  const [common] = [...counts.values()].sort(
    (a, b) => b.count - a.count || compareNumbers(a.from, b.from) || compareNumbers(a.until, b.until),
  );
  return common === undefined || common.count === 0 ? UNDATED : { from: common.from, until: common.until };
}

/** Persons with equal text get the same grants: dates that stand on the row are all written `row`. */
function likenessOf(
  admissions: readonly Admission[],
  row: Dates,
  waived: ReadonlySet<number> | undefined,
): string {
  const textOf = ({ from, until, resident }: Way) => {
    const dates = isDated(row) && from === row.from && until === row.until ? "row" : `${from} ${until}`;
    return resident ? dates : `${dates} named`;
  };
  const texts = admissions.map(({ position, atShared, atStaff }) => {
    const shared = atShared.map(textOf).join();
    return `${position}@${shared}${atStaff === atShared ? "" : `/${atStaff.map(textOf).join()}`}`;
  });
  return waived === undefined ? texts.join(";") : `${texts.join(";")}!${[...waived].join()}`;
}

function grantsOf(
  admissions: readonly Admission[],
  rules: readonly GateRule[],
  row: Dates,
  waived: ReadonlySet<number> | undefined,
): GrantEntry[] {
  return admissions.flatMap(({ position, atShared, atStaff }) =>
    (rules[position]?.accessPoints ?? []).flatMap(({ index, shared }) =>
      (shared ? atShared : atStaff).map((way) => {
        const isOnRow = isDated(row) && way.from === row.from && way.until === row.until;
        return {
          accessPoint: index,
          rule: position,
          flags:
            (waived?.has(index) ? GRANT_FLAGS.capsWaived : 0) |
            (way.resident ? GRANT_FLAGS.resident : 0) |
            (isOnRow ? GRANT_FLAGS.residencyDates : 0),
          from: isOnRow ? UNDATED.from : way.from,
          until: isOnRow ? UNDATED.until : way.until,
        };
      }),
    ),
  );
}

function requireFewPerAccessPoint(profile: readonly GrantEntry[]): void {
  for (const [position, grant] of profile.entries()) {
    if (profile[position + LIMITS.grantsPerAccessPoint]?.accessPoint === grant.accessPoint) {
      throw new PolicyError(
        "invalid-model",
        `grants of one person at one access point: expected at most ${LIMITS.grantsPerAccessPoint}`,
      );
    }
  }
}

function profileText(profile: readonly GrantEntry[]): string {
  return profile
    .map((grant) => `${grant.accessPoint},${grant.rule},${grant.flags},${grant.from},${grant.until}`)
    .join(";");
}
