import type { Random } from "../random.ts";
import type { CityParameters } from "./parameters.ts";
import type { Holder, Passage, Trip } from "./residents.ts";
import { type SitePlan, walkSeconds } from "./site-plan.ts";

/** The doors that a trip passes: out through the fence, in again, and the building's door. */
export function passagesOfTrip(
  random: Random,
  plan: SitePlan,
  { holder, leaves, returns, otherSite }: Trip,
): Passage[] {
  const { tailgating } = holder;
  const out = doorOf(random, plan, holder)?.out ?? 0;
  const into = doorOf(random, plan, holder)?.in ?? 0;
  const building = plan.sites[holder.site]?.buildings[holder.building] ?? 0;
  const passages: Passage[] = [{ at: leaves, point: out, tailgating }];
  if (otherSite && returns - leaves > 5_400) {
    const other = random.pick(plan.sites[1 - holder.site]?.perimeter ?? []);
    const from = leaves + secondsBetween(plan, out, other.in, holder.speed);
    if (from + 2_400 < returns) {
      passages.push(
        { at: from, point: other.in, tailgating },
        { at: from + 900 + random.next() * 600, point: other.out, tailgating },
      );
    }
  }
  const walk = secondsBetween(plan, into, building, holder.speed);
  const dawdle = random.chance(0.12) ? random.next() * 1_200 : random.next() * 20;
  passages.push(
    { at: returns, point: into, tailgating },
    // Home before the next errand: nobody is in two places.
    {
      at: returns + Math.min(840, walk + dawdle),
      point: building,
      tailgating: Math.min(0.5, tailgating * 4),
    },
  );
  return passages;
}

/** What a member of staff does between coming and going: doors of buildings, one after the other. */
export function passagesOfStaff(random: Random, plan: SitePlan, trip: Trip): Passage[] {
  const { holder } = trip;
  // Staff live elsewhere: what is a trip for others is their shift, turned round.
  const perimeter = plan.sites[holder.site]?.perimeter[holder.doors[0] ?? 0];
  const buildings = plan.sites[holder.site]?.buildings ?? [];
  if (perimeter === undefined) return [];
  const passages: Passage[] = [{ at: trip.leaves, point: perimeter.in, tailgating: holder.tailgating }];
  let at = trip.leaves + 600;
  let place = perimeter.in;
  while (at < trip.returns - 1_200) {
    const point = random.pick(buildings);
    at += secondsBetween(plan, place, point, holder.speed) + random.next() * 240;
    passages.push({ at, point, tailgating: 0.05 });
    place = point;
    at += 900 + random.next() * 4_500;
  }
  passages.push({ at: Math.max(at, trip.returns), point: perimeter.out, tailgating: holder.tailgating });
  return passages;
}

function doorOf(random: Random, plan: SitePlan, holder: Holder) {
  const usual = random.chance(0.8) ? holder.doors[0] : random.pick(holder.doors);
  return plan.sites[holder.site]?.perimeter[usual ?? 0];
}

function secondsBetween(plan: SitePlan, a: number, b: number, speed: number): number {
  const [from, to] = [plan.points[a], plan.points[b]];
  if (from === undefined || to === undefined) return 60;
  return walkSeconds(from, to) / speed + 4;
}

/** The visit of whoever holds a copy: in, a building's door, and out again. */
export function passagesOfVisit(
  random: Random,
  plan: SitePlan,
  parameters: CityParameters,
  visit: {
    readonly site: number;
    readonly building: number;
    readonly from: number;
    readonly until: number;
    readonly buildings: number;
  },
): Passage[] {
  const site = plan.sites[visit.site];
  if (site === undefined) return [];
  const tailgating = parameters.copyTailgating;
  const into = random.pick(site.perimeter);
  const passages: Passage[] = [{ at: visit.from, point: into.in, tailgating }];
  let at = visit.from;
  let place = into.in;
  for (let number = 0; number < visit.buildings; number++) {
    const point =
      number === 0 ? (site.buildings[visit.building] ?? into.in) : (random.pick(site.buildings) ?? into.in);
    at += secondsBetween(plan, place, point, 1.1) + random.next() * 60;
    passages.push({ at, point, tailgating });
    place = point;
    at += 600;
  }
  const leaves = Math.max(visit.until, at + 300);
  passages.push({ at: leaves, point: random.pick(site.perimeter).out, tailgating });
  return passages;
}
