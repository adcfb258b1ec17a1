import type { Random } from "../random.ts";
import type { CityParameters } from "./parameters.ts";
import type { SitePlan } from "./site-plan.ts";

export const CITY_CARD_KINDS = ["uid", "sequence", "ntag424", "desfire", "challenge"] as const;
export type CityCardKind = (typeof CITY_CARD_KINDS)[number];

export const DAY_SECONDS = 86_400;

/** A passage through a point that would leave a tap, if nobody held the door. Seconds since the first midnight. */
export interface Passage {
  readonly at: number;
  readonly point: number;
  /** How likely the door is passed without a tap of one's own. */
  readonly tailgating: number;
}

export interface Holder {
  readonly type: "worker" | "pupil" | "elder" | "shift" | "home" | "staff";
  readonly site: number;
  readonly building: number;
  /** Perimeter doors, the usual one first. */
  readonly doors: readonly number[];
  readonly leaveHour: number;
  readonly returnHour: number;
  readonly jitterHours: number;
  readonly tripsFactor: number;
  readonly tailgating: number;
  readonly speed: number;
}

/** What one community drew from the ranges of the parameters. */
export interface Draws {
  readonly tripsADay: number;
  readonly tailgating: number;
  readonly heldOpenADay: number;
  readonly sharedCards: number;
  readonly familyCopies: number;
  readonly clockSigmaSeconds: number;
  readonly nightlyGates: number;
  readonly tornWrites: number;
  readonly mapFactor: number;
  readonly sparseDays: number;
}

export interface Calendar {
  readonly days: number;
  readonly rain: readonly boolean[];
  readonly holiday: readonly boolean[];
}

export function makeCalendar(random: Random, parameters: CityParameters, days: number): Calendar {
  const { rainShare, holidays } = parameters.days;
  const every = Array.from({ length: days }, (_, day) => day);
  return {
    days,
    rain: every.map(() => random.chance(rainShare)),
    holiday: every.map((day) => holidays.some(([first, last]) => day >= first && day <= last)),
  };
}

/** The first simulated day is a Monday. */
export function isFree(calendar: Calendar, day: number): boolean {
  return day % 7 >= 5 || calendar.holiday[day] === true;
}

export function makeHolder(
  random: Random,
  plan: SitePlan,
  draws: Draws,
  home: { readonly site: number; readonly building: number },
  staffShare: number,
  runners: number,
): Holder {
  const dice = random.next();
  const type = random.chance(staffShare)
    ? "staff"
    : dice < 0.45
      ? "worker"
      : dice < 0.6
        ? "pupil"
        : dice < 0.82
          ? "elder"
          : dice < 0.9
            ? "shift"
            : "home";
  const hours = {
    worker: [8, 18.5, 0.6],
    pupil: [7.3, 16.8, 0.35],
    elder: [7, 9.5, 1.2],
    shift: [13, 22, 1],
    home: [10, 12, 2.2],
    staff: [7, 16, 0.5],
  } as const;
  const [leave, back, jitterHours] = hours[type];
  const all = plan.sites[home.site]?.perimeter.map((_, index) => index) ?? [];
  const usual = random.integer(all.length);
  return {
    type,
    ...home,
    doors: [usual, ...all.filter((door) => door !== usual)],
    leaveHour: leave + random.around(0, 0.7),
    returnHour: back + random.around(0, 0.9),
    jitterHours,
    tripsFactor: Math.max(0.4, random.around(1, 0.3)),
    // Skewed: most tap nearly always, a few hardly bother. The mean of the square of an exponential number is 2.
    tailgating: Math.min(0.3, (draws.tailgating / 2) * Math.log(1 - random.next()) ** 2),
    speed: random.chance(runners) ? 3 : Math.max(0.7, random.around(1.05, 0.2)),
  };
}

/** One absence from home, in seconds of the whole simulation. */
export interface Trip {
  readonly holder: Holder;
  readonly leaves: number;
  readonly returns: number;
  readonly otherSite: boolean;
}

/** The day's trips of one card, one after the other; each is made by one of those who carry it. */
export function planTrips(
  random: Random,
  carriers: readonly Holder[],
  parameters: CityParameters,
  draws: Draws,
  calendar: Calendar,
  day: number,
): Trip[] {
  const free = isFree(calendar, day);
  const first = carriers[0];
  if (first === undefined) return [];
  const trips: Trip[] = [];
  let earliest = 0;
  const base = day * DAY_SECONDS;
  const add = (holder: Holder, leaveHour: number, returnHour: number) => {
    const leaves = Math.max(earliest, leaveHour * 3_600);
    const returns = Math.max(leaves + 420, returnHour * 3_600);
    if (returns > 28 * 3_600) return;
    trips.push({
      holder,
      leaves: base + leaves,
      returns: base + returns,
      otherSite: random.chance(parameters.otherSiteVisit),
    });
    earliest = returns + 900;
  };
  const wet = calendar.rain[day] === true ? 0.6 : 1;
  const carrier = () => (carriers.length === 1 || random.chance(0.6) ? first : random.pick(carriers));
  const holder = carrier();
  const worksToday = holder.type === "elder" || holder.type === "home" ? random.chance(0.85 * wet) : !free;
  if (worksToday || holder.type === "staff") {
    // Shifts change each week: late, then early.
    const turn = holder.type === "shift" && Math.floor(day / 7) % 2 === 1 ? 7 : 0;
    add(
      holder,
      holder.leaveHour - turn + random.around(0, holder.jitterHours),
      holder.returnHour - turn + random.around(0, holder.jitterHours * 1.4),
    );
  }
  // Staff have one shift a day.
  if (holder.type === "staff") return trips;
  let wanted = draws.tripsADay * holder.tripsFactor * (free ? 1.1 : 0.45) * wet;
  while (random.next() < wanted) {
    wanted -= 1;
    const start = earliest / 3_600 + 0.3;
    const leave = Math.max(start, free ? 8 + random.next() * 12 : 17.5 + random.next() * 4);
    add(carrier(), leave, leave + 0.4 + random.next() * (free ? 4 : 1.6));
  }
  // A visitor who has the card for a day comes and goes at hours of their own.
  if (random.chance(parameters.lentADay)) {
    const leave = Math.max(earliest / 3_600 + 0.3, 6 + random.next() * 16);
    add(carrier(), leave, leave + 0.5 + random.next() * 3);
  }
  return trips;
}
