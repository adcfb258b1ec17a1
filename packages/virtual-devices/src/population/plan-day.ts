import type { Random } from "../random.ts";
import { type Errand, errandsOf } from "./errands.ts";
import type { Happening, Inhabitant, World, WorldDoor } from "./world.ts";

/** How often things go otherwise than planned, per opportunity. */
export interface Mishaps {
  /** Takes the wrong card out first. */
  readonly wrongCard: number;
  /** Uses the keypad instead of the card, for those who know a number. */
  readonly pin: number;
  /** Keeps the door open: furniture, a chat, a wedge. */
  readonly holdsDoor: number;
  /** Goes to a building that is not their own. */
  readonly wrongBuilding: number;
  /** Lost cards tried by somebody else, per day. */
  readonly foundCardsPerDay: number;
  /** Copied cards used, per day. */
  readonly copiedCardsPerDay: number;
  /** Deliveries per building and day. */
  readonly deliveriesPerBuilding: number;
}

export const ORDINARY_MISHAPS: Mishaps = {
  wrongCard: 0.02,
  pin: 0.08,
  holdsDoor: 0.01,
  wrongBuilding: 0.015,
  foundCardsPerDay: 1.5,
  copiedCardsPerDay: 1.5,
  deliveriesPerBuilding: 3,
};

/**
 * Everything that happens at the doors on one day, in order of time. The same world, day and seed give the same day.
 *
 * @param day number of the day; weekday is `day % 7`, 0 being Monday
 */
export function planDay(
  world: World,
  day: number,
  random: Random,
  mishaps: Mishaps = ORDINARY_MISHAPS,
): Happening[] {
  const weekday = (((day % 7) + 7) % 7) + 1;
  const today = random.branch(`day ${day}`);
  const plan = { world, mishaps, happenings: [] as Happening[] };
  const familyTrips = new Map<string, number>();
  for (const person of world.inhabitants) {
    const chance = today.branch(person.key);
    for (const errand of errandsOf(person.habit, weekday, chance)) {
      if (errand.together === true && person.household !== undefined) {
        const others = familyTrips.get(person.household);
        if (others !== undefined && chance.chance(0.7)) continue;
        familyTrips.set(person.household, 1);
      }
      addErrand(plan, person, errand, chance);
    }
    if (person.habit === "cleaner") addRound(plan, person, chance);
  }
  addStrangers(plan, today.branch("strangers"));
  return plan.happenings
    .filter(({ minute }) => minute >= 0 && minute < 1_440)
    .sort((a, b) => a.minute - b.minute);
}

interface Plan {
  readonly world: World;
  readonly mishaps: Mishaps;
  readonly happenings: Happening[];
}

function addErrand(plan: Plan, person: Inhabitant, errand: Errand, random: Random): void {
  const perimeter = outerDoor(plan.world, person, random);
  if (perimeter === undefined) return;
  const inner = innerDoor(plan.world, person, random);
  const walkMinutes = () => Math.max(0.7, random.around(3, 1));
  if (errand.outMinute !== undefined) {
    const start = errand.outMinute;
    if (inner !== undefined) plan.happenings.push(leave(plan, inner, start, random));
    plan.happenings.push(leave(plan, perimeter, start + walkMinutes(), random));
  }
  if (errand.backMinute !== undefined) {
    const companions = errand.together === true ? 1 + random.integer(2) : 0;
    const start = errand.backMinute;
    enter(plan, person, perimeter, start, companions, random);
    if (inner === undefined) return;
    const arrival = start + walkMinutes();
    if (person.building !== undefined && random.chance(plan.mishaps.wrongBuilding)) {
      const other = random.pick(plan.world.doors.filter(({ kind }) => kind === "building"));
      enter(plan, person, other, arrival - 0.5, 0, random);
    }
    enter(plan, person, inner, arrival, companions, random);
  }
}

/** A cleaner goes through every building once. */
function addRound(plan: Plan, person: Inhabitant, random: Random): void {
  let minute = 7 * 60 + random.integer(20);
  for (const door of plan.world.doors.filter(({ kind }) => kind === "building")) {
    enter(plan, person, door, minute, 0, random);
    minute += 30 + random.integer(20);
    plan.happenings.push(leave(plan, door, minute, random));
    minute += 4;
  }
}

function enter(
  plan: Plan,
  person: Inhabitant,
  door: WorldDoor,
  minute: number,
  companions: number,
  random: Random,
): void {
  const card = person.cards.length > 1 && random.chance(0.2) ? random.pick(person.cards) : person.cards[0];
  const holdMs = random.chance(plan.mishaps.holdsDoor) ? 30_000 + random.integer(60_000) : 0;
  if (random.chance(plan.mishaps.wrongCard)) {
    const seed = `${person.key} wallet ${random.integer(3)}`;
    plan.happenings.push({ kind: "stray-card", minute: minute - 0.1, door: door.key, seed });
  }
  // From the street a PIN alone opens nothing: who has no card walks in with neighbours.
  const isInner = door.kind === "building" || door.kind === "staff";
  if (isInner && person.knowsPin && (card === undefined || random.chance(plan.mishaps.pin))) {
    plan.happenings.push({ kind: "pin", minute, door: door.key, person: person.key, holdMs });
  } else if (card !== undefined) {
    plan.happenings.push({
      kind: "card",
      minute,
      door: door.key,
      person: person.key,
      card,
      holdMs,
      companions,
    });
  }
}

function leave(plan: Plan, door: WorldDoor, minute: number, random: Random): Happening {
  const holdMs = random.chance(plan.mishaps.holdsDoor) ? 30_000 + random.integer(60_000) : 0;
  return { kind: "leave", minute, door: door.key, holdMs };
}

/** Couriers, finders of cards and users of copies. */
function addStrangers(plan: Plan, random: Random): void {
  const { world, mishaps, happenings } = plan;
  const outer = world.doors.filter(({ kind }) => kind === "perimeter");
  const buildings = world.doors.filter(({ kind }) => kind === "building");
  for (const building of buildings) {
    for (let index = 0; index < Math.round(random.around(mishaps.deliveriesPerBuilding, 1)); index++) {
      const minute = 9 * 60 + random.integer(11 * 60);
      happenings.push({
        kind: "stray-card",
        minute,
        door: building.key,
        seed: `courier ${random.integer(8)}`,
      });
      // A resident comes down and opens from inside; parcels take their time.
      happenings.push({
        kind: "leave",
        minute: minute + 2,
        door: building.key,
        holdMs: random.integer(12_000),
      });
    }
  }
  const anywhere = [...outer, ...buildings];
  if (anywhere.length === 0) return;
  const carried = world.inhabitants.flatMap(({ cards }) => cards);
  for (let index = 0; index < wholeNumber(mishaps.foundCardsPerDay, random) && carried.length > 0; index++) {
    const door = random.pick(anywhere).key;
    happenings.push({ kind: "found-card", minute: random.integer(1_440), door, card: random.pick(carried) });
  }
  const copyable = world.copyableCards;
  for (
    let index = 0;
    index < wholeNumber(mishaps.copiedCardsPerDay, random) && copyable.length > 0;
    index++
  ) {
    const door = random.pick(anywhere).key;
    happenings.push({
      kind: "copied-card",
      minute: random.integer(1_440),
      door,
      card: random.pick(copyable),
    });
  }
}

function wholeNumber(mean: number, random: Random): number {
  return Math.floor(mean) + (random.chance(mean - Math.floor(mean)) ? 1 : 0);
}

function outerDoor(world: World, person: Inhabitant, random: Random): WorldDoor | undefined {
  const garages = world.doors.filter(({ kind }) => kind === "garage");
  if (person.drives && garages.length > 0 && random.chance(0.8)) return random.pick(garages);
  const gates = world.doors.filter(({ kind }) => kind === "perimeter");
  if (gates.length === 0) return undefined;
  // Most people have a gate that is theirs, the nearest to home.
  const usual = gates[hashOf(person.building ?? person.key) % gates.length];
  return usual !== undefined && random.chance(0.85) ? usual : random.pick(gates);
}

function innerDoor(world: World, person: Inhabitant, random: Random): WorldDoor | undefined {
  const own =
    person.building === undefined
      ? world.doors.filter(({ kind }) => kind === "staff")
      : world.doors.filter(({ kind, building }) => kind === "building" && building === person.building);
  return own.length === 0 ? undefined : random.pick(own);
}

function hashOf(text: string): number {
  let hash = 0;
  for (const character of text) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return hash;
}
