import { Instant } from "@menshen/domain";
import type { CommunityModel } from "./model.ts";
import { type Finding, isIn, type PathReport, reportPaths } from "./path-report.ts";
import { revocations, withFactsOf } from "./previous-rules.ts";
import type { CheckOptions, PolicyAlarm, PolicyVerdict, WayViolation } from "./verdict.ts";

/**
 * Checks a change of a community's model against the rule of paths and persons: from `at` to `until`, at every change
 * of schedule, grade or expiry, every resident has on the paths they need two kinds of way in, one of them needing
 * neither face nor phone. docs/protocol/policy-snapshot.md says exactly what counts.
 *
 * A change is refused if something is missing that is not missing already under the previous rules with today's persons
 * and credentials; a first model (`previous` absent) if anything is missing. After a refusal `model` holds the previous
 * rules with everything that the change revokes and that costs no resident a way: a refused change delays
 * no revocation. A fall of grade that would cost a way is waived for the residents concerned, never a cause to refuse.
 *
 * @throws {PolicyError} `invalid-model`, `invalid-period`, `unknown-time-zone`
 */
export function checkPolicy(model: CommunityModel, options: CheckOptions): PolicyVerdict {
  const { at, until, previous } = options;
  const report = reportPaths(model, at, until);
  if (report.findings.length === 0) return accepted(model, report);
  if (previous === undefined) {
    // Nothing was in force, so nothing stays in force but the doors themselves.
    return refused(report.findings, { ...model, rules: [] }, options);
  }
  const before = withFactsOf(previous, model);
  const old = reportPaths(before, at, until);
  const worse = worsened(report, old);
  if (worse.length === 0) return accepted(model, report);
  return refused(worse, withRevocations(before, model, old, options), options);
}

function accepted(model: CommunityModel, report: PathReport): PolicyVerdict {
  return {
    accepted: true,
    violations: [],
    alarms: alarmsOf(report),
    model,
    waivers: report.waivers,
  };
}

function refused(
  findings: readonly Finding[],
  model: CommunityModel,
  { at, until }: CheckOptions,
): PolicyVerdict {
  const report = reportPaths(model, at, until);
  return {
    accepted: false,
    violations: violationsOf(findings),
    alarms: model.rules.length === 0 ? [] : alarmsOf(report),
    model,
    waivers: report.waivers,
  };
}

/** What is missing now and was not missing before. */
export function worsened(report: PathReport, old: PathReport): readonly Finding[] {
  return report.findings.flatMap(({ need, stretches }) => {
    const before = old.missingFor(need);
    const added = stretches.filter((stretch) => !isIn(stretch, before));
    return added.length === 0 ? [] : [{ need, stretches: added }];
  });
}

/** The previous rules, with whatever the change revokes that costs no resident a way. */
function withRevocations(
  before: CommunityModel,
  model: CommunityModel,
  old: PathReport,
  { at, until }: CheckOptions,
): CommunityModel {
  const isHarmless = (candidate: CommunityModel) =>
    worsened(reportPaths(candidate, at, until), old).length === 0;
  const steps = revocations(before, model);
  const all = steps.reduce((rules, step) => step(rules), before.rules);
  if (isHarmless({ ...before, rules: all })) return { ...before, rules: all };
  let kept = before;
  for (const step of steps) {
    const candidate = { ...kept, rules: step(kept.rules) };
    if (isHarmless(candidate)) kept = candidate;
  }
  return kept;
}

function alarmsOf(report: PathReport): readonly PolicyAlarm[] {
  return [
    ...violationsOf(report.findings).map((violation) => ({ code: "way-missing", violation }) as const),
    ...report.waivers.map((waiver) => ({ code: "grade-fall-waived", waiver }) as const),
  ];
}

/** One violation per kind of trouble and place, with everybody it hits; its time is the first that hits anybody. */
export function violationsOf(findings: readonly Finding[]): readonly WayViolation[] {
  const cases = findings.flatMap(({ need, stretches }) =>
    stretches.map((stretch) => ({ need, stretch, place: need.alike.buildingId })),
  );
  const groups = Map.groupBy(cases, ({ place, stretch }) =>
    JSON.stringify([place, stretch.direction, stretch.problem, stretch.accessPointIds, stretch.ways]),
  );
  return [...groups.keys()].sort().flatMap((key) => {
    const group = groups.get(key) ?? [];
    const [first] = group.toSorted((a, b) => a.stretch.from - b.stretch.from);
    if (first === undefined) return [];
    const { problem, direction, accessPointIds, ways, from, until } = first.stretch;
    return {
      problem,
      personIds: [...new Set(group.map(({ need }) => need.personId))].sort(),
      buildingId: first.place,
      direction,
      accessPointIds,
      ways,
      from: Instant(from),
      until: Instant(until),
    };
  });
}
