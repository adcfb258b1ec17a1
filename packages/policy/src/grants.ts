import type { PersonId } from "@menshen/domain";
import { GRANT_FLAGS, type GrantEntry, LIMITS } from "./document.ts";
import { compareGrants, compareNumbers } from "./document-read.ts";
import { PolicyError } from "./errors.ts";
import { intersection, pairsOf, validityInterval } from "./intervals.ts";
import { type Matching, type RuleMatcher, ruleMatcher } from "./matching.ts";
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
  /** Persons with at least one grant at this gate. */
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
  const matchers = rules.map(({ rule }) => ruleMatcher(index, rule));
  const drafts = new Map<string, readonly GrantEntry[]>();
  const draftOf = new Map<PersonId, { text: string; from: number; until: number }>();
  for (const personId of index.credentialsOf.keys()) {
    const grants = grantsOf(personId, rules, matchers, waived.get(personId));
    if (grants.length === 0) continue;
    const [from, until] = commonDates(grants);
    const profile = grants.map((grant) => onRow(grant, from, until)).sort(compareGrants);
    requireFewPerAccessPoint(profile);
    const text = profileText(profile);
    if (!drafts.has(text)) drafts.set(text, profile);
    draftOf.set(personId, { text, from, until });
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

function grantsOf(
  personId: PersonId,
  rules: readonly GateRule[],
  matchers: readonly RuleMatcher[],
  waived: ReadonlySet<number> | undefined,
): GrantEntry[] {
  const grants: GrantEntry[] = [];
  for (const [ruleIndex, { rule, accessPoints }] of rules.entries()) {
    const matching = matchers[ruleIndex]?.(personId);
    if (matching === undefined) continue;
    const forShared = datedWays(rule, matching, true);
    const forStaff = datedWays(rule, matching, false);
    for (const { index, shared } of accessPoints) {
      const capsWaived = waived?.has(index) ? GRANT_FLAGS.capsWaived : 0;
      for (const way of shared ? forShared : forStaff) {
        grants.push({
          accessPoint: index,
          rule: ruleIndex,
          flags: capsWaived | (way.resident ? GRANT_FLAGS.resident : 0),
          from: way.from,
          until: way.until,
        });
      }
    }
  }
  return grants;
}

interface DatedWay {
  readonly resident: boolean;
  readonly from: number;
  readonly until: number;
}

/** When a rule admits a person; dates that never meet the rule's own validity are left out. */
function datedWays(rule: NumberedRule, matching: Matching, shared: boolean): readonly DatedWay[] {
  const validity = validityInterval(rule.validity);
  const times = shared ? matching.asHousehold : matching.asResident;
  const ways = pairsOf(times).map(([from, until]) => ({ resident: true, from, until }));
  const isForever = ways.some(
    ({ from, until }) => from === Number.NEGATIVE_INFINITY && !Number.isFinite(until),
  );
  if (matching.asPerson && !isForever) {
    ways.push({ resident: false, from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY });
  }
  return ways.filter(({ from, until }) => intersection([from, until], validity).length > 0);
}

/** The dates that most of these grants have; the earliest if several are as frequent; none if no grant is dated. */
function commonDates(grants: readonly GrantEntry[]): readonly [number, number] {
  const dated = grants.filter(({ from, until }) => Number.isFinite(from) || Number.isFinite(until));
  const groups = [...Map.groupBy(dated, ({ from, until }) => `${from} ${until}`).values()];
  groups.sort((a, b) => {
    const [first, second] = [a[0], b[0]];
    if (a.length !== b.length || first === undefined || second === undefined) return b.length - a.length;
    return compareNumbers(first.from, second.from) || compareNumbers(first.until, second.until);
  });
  const common = groups[0]?.[0];
  return common === undefined
    ? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
    : [common.from, common.until];
}

/** Moves a grant's dates to the row if they are the row's. */
function onRow(grant: GrantEntry, from: number, until: number): GrantEntry {
  const isDated = Number.isFinite(grant.from) || Number.isFinite(grant.until);
  if (!isDated || grant.from !== from || grant.until !== until) return grant;
  return {
    ...grant,
    flags: grant.flags | GRANT_FLAGS.residencyDates,
    from: Number.NEGATIVE_INFINITY,
    until: Number.POSITIVE_INFINITY,
  };
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
