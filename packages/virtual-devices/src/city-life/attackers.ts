import type { Random } from "../random.ts";
import type { CityParameters } from "./parameters.ts";
import { passagesOfVisit } from "./passages.ts";
import {
  type Calendar,
  type CityCardKind,
  DAY_SECONDS,
  type Draws,
  type Holder,
  isFree,
  type Passage,
  type Trip,
} from "./residents.ts";
import type { SitePlan } from "./site-plan.ts";

/** `family` is the household's own copy; `relay` and `lost` are misuse without a copy. */
export const CITY_ATTACKS = [
  "reseller",
  "night",
  "insider",
  "careful",
  "sparse",
  "family",
  "relay",
  "lost",
] as const;
export type CityAttack = (typeof CITY_ATTACKS)[number];

/** One card that is misused, and how. */
export interface Attack {
  readonly attack: CityAttack;
  readonly card: number;
  readonly kind: CityCardKind;
  /** First day on which the copy may be used. */
  readonly firstDay: number;
  readonly site: number;
  readonly building: number;
  /** By how much the emulator raises the counter that it copied. */
  readonly raisedBy: number;
  /** Hours of the copy's holder: when they come on an ordinary day. */
  readonly hour: number;
  readonly stayHours: number;
}

/** Which cards are attacked and how; family copies among them. */
export function planAttacks(
  random: Random,
  plan: SitePlan,
  parameters: CityParameters,
  draws: Draws,
  cards: readonly { readonly kind: CityCardKind; readonly holder: Holder }[],
): Attack[] {
  const free = cards.map((_, card) => card).filter((card) => cards[card]?.holder.type !== "staff");
  const attacks: Attack[] = [];
  const take = (attack: CityAttack) => {
    const card = free.splice(random.integer(free.length), 1)[0] ?? 0;
    const { kind, holder } = cards[card] ?? { kind: "uid" as const, holder: undefined };
    const home = holder?.site ?? 0;
    const away = attack !== "careful" && attack !== "family" && random.chance(parameters.copyOtherSite);
    const site = away ? 1 - home : home;
    const [first, last] = parameters.copyFirstDay;
    const ownBuilding = attack === "family" || random.chance(0.5);
    attacks.push({
      attack,
      card,
      kind,
      firstDay: attack === "family" ? 0 : first + random.integer(last - first + 1),
      site,
      building:
        !away && ownBuilding
          ? (holder?.building ?? 0)
          : random.integer(plan.sites[site]?.buildings.length ?? 1),
      raisedBy: random.chance(parameters.raisedCounter) ? 3 + random.integer(60) : 0,
      hour: random.next(),
      stayHours: random.next(),
    });
  };
  const times = (share: number) => Math.round(share * cards.length);
  const hostile = times(parameters.hostile);
  for (let number = 0; number < hostile; number++) take(pickAttack(random, parameters));
  for (let number = times(draws.familyCopies); number > 0; number--) take("family");
  for (let number = times(parameters.relayed); number > 0; number--) take("relay");
  for (let number = times(parameters.lost); number > 0; number--) take("lost");
  return attacks;
}

function pickAttack(random: Random, { attacks }: CityParameters): CityAttack {
  let dice = random.next();
  for (const name of ["reseller", "night", "insider", "careful"] as const) {
    dice -= attacks[name];
    if (dice < 0) return name;
  }
  return "sparse";
}

/** Passages of the copy's holder on one day; of `family` a family member's. */
export function attackPassages(
  random: Random,
  plan: SitePlan,
  parameters: CityParameters,
  draws: Draws,
  calendar: Calendar,
  attack: Attack,
  day: number,
  ownersTrips: readonly Trip[],
): Passage[] {
  if (day < attack.firstDay) return [];
  const base = day * DAY_SECONDS;
  const free = isFree(calendar, day);
  const visit = (fromHour: number, hours: number, buildings = 1) =>
    passagesOfVisit(random, plan, parameters, {
      site: attack.site,
      building: attack.building,
      from: base + fromHour * 3_600,
      until: base + (fromHour + hours) * 3_600,
      buildings: random.chance(0.75) ? buildings : 0,
    });
  switch (attack.attack) {
    case "reseller": {
      if (!random.chance(0.85)) return [];
      // Some live here without a right to, some deliver.
      return attack.hour < 0.5
        ? visit(18 + attack.hour * 8 + random.around(0, 1), 10 + attack.stayHours * 3)
        : visit(9 + attack.hour * 10 + random.around(0, 1.5), 0.2 + attack.stayHours * 2);
    }
    case "night":
      return random.chance(0.6) ? visit(21.5 + random.next() * 5, 0.5 + random.next() * 2.5) : [];
    case "insider":
      return !free && random.chance(0.7) ? visit(9 + random.next() * 6, 1 + random.next() * 4, 3) : [];
    case "careful": {
      // Comes only when the holder was seen leaving for long, and is gone before the holder is back.
      const trip = ownersTrips.find(({ leaves, returns }) => returns - leaves > 3 * 3_600);
      if (trip === undefined || !random.chance(0.5)) return [];
      const from = (trip.leaves - base) / 3_600 + 0.4 + random.next() * 0.5;
      return visit(from, Math.max(0.3, ((trip.returns - base) / 3_600 - from) * (0.2 + random.next() * 0.5)));
    }
    case "sparse":
      return random.chance(draws.sparseDays) ? visit(8 + random.next() * 14.5, 0.4 + random.next() * 3) : [];
    case "family": {
      // Lives here: goes out in the morning and comes home, at hours of their own.
      if (!random.chance(free ? 0.7 : 0.85)) return [];
      const leaves = 7 + attack.hour * 6 + random.around(0, 0.7);
      return visit(leaves + 1 + attack.stayHours * 8, 14)
        .slice(0, -1)
        .concat({ at: base + leaves * 3_600, point: ownDoor(random, plan, attack.site), tailgating: 0.02 });
    }
    case "relay":
      return random.chance(0.2) ? visit(1 + random.next() * 22, 0.5) : [];
    case "lost":
      return day < attack.firstDay + 6 && random.chance(0.8) ? visit(9 + random.next() * 12, 1) : [];
  }
}

function ownDoor(random: Random, plan: SitePlan, site: number): number {
  return random.pick(plan.sites[site]?.perimeter ?? [{ in: 0, out: 0 }]).out;
}
