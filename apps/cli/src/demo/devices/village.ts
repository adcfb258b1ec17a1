import { systemTimers } from "@menshen/osdp";
import {
  type CardKind,
  cardFromProfile,
  type Happening,
  type Inhabitant,
  type Life,
  ORDINARY_MISHAPS,
  planDay,
  seededRandom,
  startLife,
  type VirtualCard,
  type World,
} from "@menshen/virtual-devices";
import { PEOPLE_SEED, planPeople } from "../people-plan.ts";
import type { Site } from "../site-file.ts";
import { DOORS } from "../site-plan.ts";
import { copyOf, type DoorPeople, unknownCard } from "./passing.ts";

export interface VillageCard {
  readonly cardId: string;
  readonly kind: CardKind;
  readonly lost: boolean;
  readonly card: VirtualCard;
}

export interface VillagePerson {
  readonly personId: string;
  readonly name: string;
  readonly dwellingName: string | undefined;
  readonly cards: readonly VillageCard[];
}

/** The people of the demonstration with their cards, living their days. */
export interface Village {
  readonly people: readonly VillagePerson[];
  /** Takes up people and cards that were noted since. */
  update(site: Site): void;
  card(cardId: string): VillageCard | undefined;
  readonly perMinute: number;
  setPace(perMinute: number): void;
  /** People begin to come and go. */
  begin(): void;
  stop(): void;
}

/** A weekday morning, when the day begins to be lively. */
const FIRST_MOMENT = { day: 1, minute: 7 * 60 };
/**
 * A door held open too long rings for the guard: here about once an hour at the ordinary pace, and otherwise when the
 * console's control stages it.
 */
const MISHAPS = { ...ORDINARY_MISHAPS, holdsDoor: 0.0005 };
/** Whoever opens the console sees somebody come home. */
const FIRST_AFTER_MS = 300;

export function makeVillage(doors: ReadonlyMap<string, DoorPeople>, perMinute: number): Village {
  const plans = new Map(planPeople(PEOPLE_SEED).map((plan) => [plan.key, plan]));
  const random = seededRandom(`${PEOPLE_SEED} life`);
  const cards = new Map<string, VillageCard>();
  let people: readonly VillagePerson[] = [];
  let world: World = { inhabitants: [], doors: [], copyableCards: [] };
  let life: Life | undefined;
  let pace = perMinute;

  const take = (site: Site): readonly VillagePerson[] =>
    site.people.map(({ personId, name, dwellingName, cards: theirs }) => ({
      personId,
      name,
      dwellingName,
      cards: theirs.map(({ key, lost, profile }) => {
        const known = cards.get(key);
        if (known !== undefined) return known;
        const made = { cardId: key, kind: profile.kind, lost, card: cardFromProfile(profile).card };
        cards.set(key, made);
        return made;
      }),
    }));

  const inhabitants = (site: Site): Inhabitant[] =>
    site.people.flatMap((person) => {
      const plan = plans.get(person.key);
      if (plan === undefined) return [];
      return [
        {
          key: person.key,
          habit: plan.habit,
          ...(plan.home === undefined
            ? {}
            : { household: `${plan.home.building}/${plan.home.dwelling}`, building: plan.home.building }),
          cards: person.cards.filter(({ lost }) => !lost).map(({ key }) => key),
          knowsPin: false,
          drives: plan.drives,
        },
      ];
    });

  const act = (happening: Happening) => {
    const door = doors.get(happening.door);
    if (door === undefined) return;
    switch (happening.kind) {
      case "leave":
        door.leave(happening.holdMs);
        return;
      case "pin":
        return;
      case "card": {
        const held = cards.get(happening.card);
        if (held !== undefined) door.present(held.card, happening.holdMs + happening.companions * 1_500);
        return;
      }
      case "found-card": {
        const lost = [...cards.values()].filter((card) => card.lost);
        const found = lost.length > 0 ? random.pick(lost) : cards.get(happening.card);
        if (found !== undefined) door.present(found.card, 0);
        return;
      }
      case "copied-card": {
        const original = cards.get(happening.card);
        if (original !== undefined) door.present(copyOf(original.card), 0);
        return;
      }
      case "stray-card":
        door.present(unknownCard(), 0);
    }
  };

  return {
    get people() {
      return people;
    },
    update(site) {
      people = take(site);
      world = {
        inhabitants: inhabitants(site),
        doors: DOORS.map(({ key, kind, building }) => ({
          key,
          entrance: key,
          kind,
          ...(building === undefined ? {} : { building }),
        })),
        // Cards with keys are copied too, as far as that goes: the copy is refused.
        copyableCards: [...cards.values()].filter(({ lost }) => !lost).map(({ cardId }) => cardId),
      };
    },
    card: (cardId) => cards.get(cardId),
    get perMinute() {
      return pace;
    },
    setPace(next) {
      pace = next;
      life?.setPace(next);
    },
    begin() {
      life ??= startLife({
        timers: systemTimers,
        random: random.branch("gaps"),
        planDay: (day) => planDay(world, day, random, MISHAPS),
        act,
        perMinute: pace,
        start: FIRST_MOMENT,
        firstAfterMs: FIRST_AFTER_MS,
      });
    },
    stop() {
      life?.stop();
      life = undefined;
    },
  };
}
