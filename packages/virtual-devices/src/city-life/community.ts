import { type Random, seededRandom } from "../random.ts";
import { type Attack, attackPassages, planAttacks } from "./attackers.ts";
import { CITY_PARAMETERS, type CityParameters, type Range } from "./parameters.ts";
import { passagesOfStaff, passagesOfTrip } from "./passages.ts";
import { type CityEvent, type Recorded, recordTaps, type TapIntent } from "./recording.ts";
import {
  type Calendar,
  CITY_CARD_KINDS,
  type CityCardKind,
  DAY_SECONDS,
  type Draws,
  type Holder,
  makeCalendar,
  makeHolder,
  planTrips,
  type Trip,
} from "./residents.ts";
import { makeSitePlan, type SitePlan, walkSeconds } from "./site-plan.ts";

/** Monday, 2 March 2026, midnight in China. */
export const CITY_START_MS = Date.UTC(2026, 2, 1, 16);
const UTC_OFFSET_MINUTES = 480;
const EPOCH_DAYS = 28;

export interface CityOptions {
  readonly seed: string;
  readonly cards: number;
  readonly days: number;
  readonly parameters?: CityParameters;
}

/** What a community could tell about its doors, in the form of docs/detect.md. */
export interface CityDoors {
  readonly version: 1;
  readonly utcOffsetMinutes: number;
  readonly epoch: { readonly anchor: number; readonly lengthHours: number };
  readonly gates: readonly { readonly id: string; readonly clockErrorSeconds: number }[];
  readonly accessPoints: readonly {
    readonly id: string;
    readonly gate: string;
    readonly from: string;
    readonly to: string;
  }[];
  readonly walks: readonly { readonly a: string; readonly b: string; readonly seconds: number }[];
}

/** What really happened. Never shown to whoever looks for copies. */
export interface CityTruth {
  /** Of each event, in the order of `events`. */
  readonly card: Int32Array;
  readonly byCopy: Uint8Array;
  readonly kinds: readonly CityCardKind[];
  readonly shared: readonly boolean[];
  readonly attacks: readonly Attack[];
  /** Pseudonyms by epoch and card. */
  readonly pseudonyms: readonly (readonly string[])[];
}

export interface CityCommunity {
  readonly seed: string;
  readonly draws: Draws;
  readonly doors: CityDoors;
  /** In the order of arrival. */
  readonly events: readonly CityEvent[];
  /** Cards reported lost, under the pseudonym of that moment. */
  readonly reports: readonly { readonly credential: string; readonly at: number; readonly report: "lost" }[];
  readonly truth: CityTruth;
}

interface Card {
  readonly kind: CityCardKind;
  readonly holder: Holder;
  readonly carriers: readonly Holder[];
}

/** Some months of a community, the same for the same options. Throws `RangeError` without cards or days. */
export function simulateCommunity(options: CityOptions): CityCommunity {
  const { seed, cards: count, days, parameters = CITY_PARAMETERS } = options;
  if (!(count >= 1 && days >= 1)) throw new RangeError("expected at least one card and one day");
  const random = seededRandom(`city/${seed}`);
  const draws = drawAll(random.branch("draws"), parameters);
  const plan = makeSitePlan(random.branch("plan"));
  const calendar = makeCalendar(random.branch("calendar"), parameters, days);
  const cards = makeCards(random.branch("cards"), plan, parameters, draws, count);
  const attacks = planAttacks(random.branch("attacks"), plan, parameters, draws, cards);
  const lostAt = new Map<number, number>();
  for (const { attack, card, firstDay } of attacks) {
    if (attack === "lost") lostAt.set(card, firstDay * DAY_SECONDS);
  }
  const intents: TapIntent[] = [];
  for (const [index, card] of cards.entries()) {
    const own = attacks.filter((attack) => attack.card === index);
    live(random.branch(`card/${index}`), index, card, own, lostAt.get(index) ?? Number.POSITIVE_INFINITY);
  }
  const recorded = recordTaps({
    random: random.branch("gates"),
    plan,
    parameters,
    draws,
    calendar,
    cards: cards.map(({ kind, carriers }) => ({ kind, isShared: carriers.length > 1 })),
    attacks,
    intents,
    startMs: CITY_START_MS,
    epochDays: EPOCH_DAYS,
  });
  return {
    seed,
    draws,
    doors: doorsOf(random.branch("map"), plan, draws, recorded),
    events: recorded.events,
    reports: reportsOf(random.branch("reports"), attacks, recorded),
    truth: {
      card: recorded.card,
      byCopy: recorded.byCopy,
      kinds: cards.map(({ kind }) => kind),
      shared: cards.map(({ carriers }) => carriers.length > 1),
      attacks,
      pseudonyms: recorded.pseudonyms,
    },
  };

  function live(chance: Random, index: number, card: Card, own: readonly Attack[], lost: number): void {
    const habits = chance.branch("habits");
    let backOnDay = 0;
    for (let day = 0; day < days; day++) {
      const isAway = day < backOnDay || startsAway(habits, parameters, calendar, day);
      if (isAway && day >= backOnDay) backOnDay = day + 1 + habits.integer(calendar.holiday[day] ? 4 : 8);
      const trips = isAway ? [] : planTrips(habits, card.carriers, parameters, draws, calendar, day);
      for (const trip of trips) {
        if (trip.leaves < lost) pushTrip(habits, index, trip);
      }
      for (const attack of own) {
        const chanceOfDay = chance.branch(`${attack.attack}/${day}`);
        const passages = attackPassages(chanceOfDay, plan, parameters, draws, calendar, attack, day, trips);
        // A relayed and a found card are the card itself.
        const token = attack.attack === "relay" || attack.attack === "lost" ? 0 : 1;
        for (const passage of passages) intents.push({ ...passage, card: index, token, misuse: true });
      }
    }
  }

  function pushTrip(chance: Random, card: number, trip: Trip): void {
    const passages =
      trip.holder.type === "staff" ? passagesOfStaff(chance, plan, trip) : passagesOfTrip(chance, plan, trip);
    for (const passage of passages) intents.push({ ...passage, card, token: 0, misuse: false });
  }
}

function startsAway(random: Random, parameters: CityParameters, calendar: Calendar, day: number): boolean {
  const startsHoliday = calendar.holiday[day] === true && calendar.holiday[day - 1] !== true;
  return random.chance(startsHoliday ? parameters.holidayAway : parameters.awayADay);
}

function drawAll(random: Random, parameters: CityParameters): Draws {
  const draw = ([least, most]: Range) => least + (most - least) * random.next();
  return {
    tripsADay: draw(parameters.tripsADay),
    tailgating: draw(parameters.tailgating),
    heldOpenADay: draw(parameters.heldOpenADay),
    sharedCards: draw(parameters.sharedCards),
    familyCopies: draw(parameters.familyCopies),
    clockSigmaSeconds: draw(parameters.clockSigmaSeconds),
    nightlyGates: draw(parameters.nightlyGates),
    tornWrites: draw(parameters.tornWrites),
    mapFactor: draw(parameters.mapFactor),
    sparseDays: draw(parameters.sparseDays),
  };
}

function makeCards(
  random: Random,
  plan: SitePlan,
  parameters: CityParameters,
  draws: Draws,
  count: number,
): Card[] {
  return Array.from({ length: count }, () => {
    const site = random.chance(0.68) ? 0 : 1;
    const home = { site, building: random.integer(plan.sites[site]?.buildings.length ?? 1) };
    const make = (staff: number) => makeHolder(random, plan, draws, home, staff, parameters.runners);
    const holder = make(parameters.staff);
    const isShared = holder.type !== "staff" && random.chance(draws.sharedCards);
    return { kind: pickKind(random, parameters), holder, carriers: isShared ? [holder, make(0)] : [holder] };
  });
}

function pickKind(random: Random, { kinds }: CityParameters): CityCardKind {
  let dice = random.next();
  for (const kind of CITY_CARD_KINDS) {
    dice -= kinds[kind];
    if (dice < 0) return kind;
  }
  return "uid";
}

function doorsOf(random: Random, plan: SitePlan, draws: Draws, recorded: Recorded): CityDoors {
  const gate = (index: number) => plan.gates[index] ?? "";
  const walks: { a: string; b: string; seconds: number }[] = [];
  for (const [index, a] of plan.points.entries()) {
    for (const b of plan.points.slice(index + 1)) {
      const seconds = walkSeconds(a, b) * draws.mapFactor * Math.max(0.5, random.around(1, 0.1));
      walks.push({ a: a.id, b: b.id, seconds: Math.round(seconds) });
    }
  }
  return {
    version: 1,
    utcOffsetMinutes: UTC_OFFSET_MINUTES,
    epoch: { anchor: recorded.epochAnchorMs, lengthHours: EPOCH_DAYS * 24 },
    // Installers know how good clocks are in general, not of one gate.
    gates: plan.gates.map((id) => ({ id, clockErrorSeconds: 5 })),
    accessPoints: plan.points.map(({ id, gate: index, from, to }) => ({ id, gate: gate(index), from, to })),
    walks,
  };
}

function reportsOf(random: Random, attacks: readonly Attack[], recorded: Recorded): CityCommunity["reports"] {
  return attacks
    .filter(({ attack }) => attack === "lost")
    .map(({ card, firstDay }) => {
      const at = Math.round(CITY_START_MS + (firstDay + random.next() * 2) * DAY_SECONDS * 1_000);
      return { credential: recorded.pseudonymAt(card, at), at, report: "lost" as const };
    });
}
