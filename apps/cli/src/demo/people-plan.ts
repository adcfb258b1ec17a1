import type { ResidencyRole } from "@menshen/domain";
import { type CardKind, type Habit, type Random, seededRandom } from "@menshen/virtual-devices";
import { BUILDINGS, DWELLING_NAMES } from "./site-plan.ts";

export interface CardPlan {
  readonly key: string;
  readonly kind: CardKind;
  /** Reported lost; somebody else will find and try it. */
  readonly lost: boolean;
}

export interface PersonPlan {
  readonly key: string;
  readonly name: string;
  readonly role: ResidencyRole;
  readonly habit: Habit;
  /** Absent for staff. */
  readonly home?: { readonly building: string; readonly dwelling: string };
  readonly drives: boolean;
  readonly cards: readonly CardPlan[];
}

const SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕";
const GIVEN_NAMES = [
  ..."伟 芳 娜 敏 静 磊 洋 勇 艳 杰 娟 涛 明 超 霞 平 刚 桂英 秀兰 建国 建华 志强 淑珍 玉兰 文博 子轩 梓涵".split(
    " ",
  ),
  ..."雨桐 思远 欣怡 浩然 一诺 嘉怡 晓东 海燕 丽华 国庆 春梅 俊杰 婷婷 佳琪 振华 月华 少华 书瑶 若曦 天佑".split(
    " ",
  ),
];

/** Whose people these are: the same seed gives the same people in every process of the demonstration. */
export const PEOPLE_SEED = "海棠苑";

/** Everybody of the demonstration, the same for the same seed: residents of every dwelling first, then staff. */
export function planPeople(seed: string): PersonPlan[] {
  const random = seededRandom(seed);
  const names = nameSource(random.branch("names"));
  const people: PersonPlan[] = [];
  for (const building of BUILDINGS) {
    for (const dwelling of DWELLING_NAMES) {
      people.push(
        ...household(
          { building: building.key, dwelling },
          random.branch(`${building.key} ${dwelling}`),
          names,
        ),
      );
    }
  }
  return [...people, ...staff(names, random.branch("staff"))];
}

interface Home {
  readonly building: string;
  readonly dwelling: string;
}

function household(home: Home, random: Random, names: NameSource): PersonPlan[] {
  const surname = names.surname();
  const rented = random.chance(0.3);
  const adults = random.chance(0.25) ? 1 : 2;
  const members: { role: ResidencyRole; habit: Habit; name: string }[] = [];
  for (let index = 0; index < adults; index++) {
    members.push({
      role: index === 0 ? (rented ? "tenant" : "owner") : "family",
      habit: random.pick(["office", "office", "office", "shift", "home"]),
      name: index === 0 ? names.of(surname) : names.any(),
    });
  }
  if (adults === 2 && random.chance(0.4))
    members.push({ role: "family", habit: "pupil", name: names.of(surname) });
  if (random.chance(0.25)) members.push({ role: "family", habit: "retired", name: names.of(surname) });
  if (random.chance(0.06)) members.push({ role: "helper", habit: "helper", name: names.any() });
  return members.map(({ role, habit, name }, index) => {
    const key = `${home.building}/${home.dwelling}/${index + 1}`;
    const drives = index === 0 && (habit === "office" || habit === "shift") && random.chance(0.4);
    return { key, name, role, habit, home, drives, cards: cardsOf(key, drives, random) };
  });
}

/** Most have a new card, some an NTAG or an old number; a few have two, or lost one. */
function cardsOf(key: string, drives: boolean, random: Random): CardPlan[] {
  // The garage wants better than a bare number, so drivers had theirs exchanged.
  const kind: CardKind = drives || random.chance(0.68) ? "desfire" : random.chance(0.6) ? "ntag424" : "uid";
  const cards: CardPlan[] = [{ key: `${key}/a`, kind, lost: false }];
  if (random.chance(0.04)) cards.push({ key: `${key}/b`, kind: "uid", lost: false });
  if (random.chance(0.03)) cards.push({ key: `${key}/c`, kind: "desfire", lost: true });
  return cards;
}

function staff(names: NameSource, random: Random): PersonPlan[] {
  const team: readonly Habit[] = [
    "manager",
    "guard",
    "guard",
    "guard",
    "guard",
    "cleaner",
    "cleaner",
    "cleaner",
  ];
  return team.map((habit, index) => {
    const key = `staff/${index + 1}`;
    return {
      key,
      name: names.any(),
      role: "staff",
      habit,
      drives: false,
      cards: [{ key: `${key}/a`, kind: random.chance(0.8) ? "desfire" : "ntag424", lost: false }],
    };
  });
}

interface NameSource {
  surname(): string;
  of(surname: string): string;
  any(): string;
}

/** No name twice: people are recognised by it when an interrupted start goes on. */
function nameSource(random: Random): NameSource {
  const used = new Set<string>();
  const of = (surname: string): string => {
    for (;;) {
      const short = surname + random.pick(GIVEN_NAMES);
      const name = used.has(short) ? short + random.pick([..."宇晨宁安然琳"]) : short;
      if (used.has(name)) continue;
      used.add(name);
      return name;
    }
  };
  const surname = () => random.pick([...SURNAMES]);
  return { surname, of, any: () => of(surname()) };
}
