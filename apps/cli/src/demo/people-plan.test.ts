import { expect, test } from "vitest";
import { planPeople } from "./people-plan.ts";
import { DOORS } from "./site-plan.ts";

const people = planPeople("海棠苑");
const residents = people.filter(({ home }) => home !== undefined);

test("is the same people every time", () => {
  expect(planPeople("海棠苑")).toEqual(people);
});

test("has sixty dwellings and about 150 residents of every role", () => {
  expect(new Set(residents.map(({ home }) => `${home?.building} ${home?.dwelling}`)).size).toBe(60);
  expect(residents.length).toBeGreaterThan(130);
  expect(residents.length).toBeLessThan(170);
  expect(new Set(people.map(({ role }) => role))).toEqual(
    new Set(["owner", "tenant", "family", "helper", "staff"]),
  );
});

test("gives nobody the name of another, and everybody a card", () => {
  expect(new Set(people.map(({ name }) => name)).size).toBe(people.length);
  expect(people.every(({ cards }) => cards.some(({ lost }) => !lost))).toBe(true);
  expect(people.every(({ name }) => /^\p{Script=Han}{2,5}$/u.test(name))).toBe(true);
});

test("has cards of every kind, some of them lost", () => {
  const cards = people.flatMap((person) => person.cards);
  const count = (kind: string) => cards.filter((card) => card.kind === kind).length;
  expect(count("desfire")).toBeGreaterThan(90);
  expect(count("ntag424")).toBeGreaterThan(15);
  expect(count("uid")).toBeGreaterThan(10);
  expect(cards.filter(({ lost }) => lost).length).toBeGreaterThanOrEqual(2);
  expect(new Set(cards.map(({ key }) => key)).size).toBe(cards.length);
});

test("gives drivers a card that the garage takes", () => {
  expect(people.filter(({ drives, cards }) => drives && cards[0]?.kind === "uid")).toEqual([]);
  expect(DOORS).toHaveLength(8);
});
