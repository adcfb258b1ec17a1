import type { AccessPointId, Instant, PersonId, WayIn } from "@menshen/domain";
import { ALWAYS } from "./intervals.ts";
import { ruleSelector } from "./matching.ts";
import type { CommunityModel } from "./model.ts";
import { indexModel, isShared } from "./model-index.ts";
import { usableBeyondOffers } from "./needs.ts";
import { makeWayClock, WAYS } from "./way-times.ts";

/** By which ways somebody passes an access point. */
export interface WaysAtPoint {
  readonly accessPointId: AccessPointId;
  /** Not empty, in the order card, pin, phone, pass, face. */
  readonly ways: readonly WayIn[];
}

/**
 * Prepares the question by which ways a person passes the doors that residents share, at some time of `at` ≤ t < `until`:
 * with what they hold and with what is theirs for the asking, as the rule of paths counts it. Access points that they pass
 * by no way are left out.
 *
 * @throws {PolicyError} `invalid-model`, `invalid-period`, `unknown-time-zone`
 */
export function waysOfPersons(
  model: CommunityModel,
  at: Instant,
  until: Instant,
): (personId: PersonId) => readonly WaysAtPoint[] {
  const index = indexModel(model);
  const selectionsOf = ruleSelector(index, index.rules);
  const clock = makeWayClock(index, at, until, true);
  const shared = model.accessPoints.filter((accessPoint) => isShared(index, accessPoint));
  return (personId) => {
    const selected = selectionsOf(personId).flatMap(({ position, asPerson, asHousehold }) => {
      const rule = index.rules[position];
      return rule === undefined ? [] : [{ rule, times: asPerson ? ALWAYS : asHousehold }];
    });
    const held = usableBeyondOffers(index, personId);
    return shared.flatMap(({ id }) => {
      const times = clock.waysThrough(id, selected, held);
      const ways = WAYS.filter((_, way) => (times[way] ?? []).length > 0);
      return ways.length === 0 ? [] : [{ accessPointId: id, ways }];
    });
  };
}
