import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { CITY_PARAMETERS, OUTSIDE_PARAMETERS, simulateCommunity } from "./index.ts";

const sha256 = (value: unknown) => createHash("sha256").update(JSON.stringify(value)).digest("hex");
const small = simulateCommunity({ seed: "frozen", cards: 60, days: 45 });

test("the parameters and what is made of them are frozen: weights were learnt later, on other seeds", () => {
  expect({
    inside: sha256(CITY_PARAMETERS),
    outside: sha256(OUTSIDE_PARAMETERS),
    life: sha256(small),
  }).toEqual({
    inside: "3a83300f1daee334e50a404408492a7fbff45eb5163a1a2f7a03c2df248f01fa",
    outside: "f623d207a920de7b899bac2fd2f26413129c01a2aeb3c5c77a52bd40e769ed7c",
    life: "48cc0afe43c2308536ca108c089db4c49d95ad11ca1d07dc159df320aca7b198",
  });
});

test("the same seed is the same community, another is another", () => {
  expect(simulateCommunity({ seed: "frozen", cards: 60, days: 45 })).toEqual(small);
  expect(simulateCommunity({ seed: "other", cards: 60, days: 45 }).events).not.toEqual(small.events);
});

test("what the engine sees says nothing of the truth", () => {
  const fields = new Set([
    ...["accessPoint", "at", "counter", "credential", "failure", "gate", "kind", "receivedAt"],
    ...["result", "sequence", "torn", "unaccustomed", "wentBack"],
  ]);
  expect(small.events.flatMap((event) => Object.keys(event)).filter((name) => !fields.has(name))).toEqual([]);
});

test("events come in the order of arrival, some a night late, numbered by each gate without a gap", () => {
  const { events } = small;
  expect(events.every((event, index) => event.receivedAt >= (events[index - 1]?.receivedAt ?? 0))).toBe(true);
  expect(events.some(({ at, receivedAt }) => receivedAt - at > 6 * 3_600_000)).toBe(true);
  const numbers = events.filter(({ gate }) => gate === "east-gate-1").map(({ sequence }) => sequence);
  const distinct = [...new Set(numbers)].sort((a, b) => a - b);
  expect(distinct).toEqual(distinct.map((_, index) => index + 1));
});

test("pseudonyms change with the epoch, and counters stand under another offset", () => {
  const { truth } = small;
  expect(truth.pseudonyms[0]?.[0]).not.toBe(truth.pseudonyms[1]?.[0]);
  const card = truth.kinds.indexOf("sequence");
  const own = small.events.filter((_, index) => truth.card[index] === card);
  const first = own.find(({ credential }) => credential === truth.pseudonyms[0]?.[card])?.counter ?? 0;
  const later = own.find(({ credential }) => credential === truth.pseudonyms[1]?.[card])?.counter ?? 0;
  expect(Math.abs(first - later)).toBeGreaterThan(100_000);
});

test("a community of nobody is refused", () => {
  expect(() => simulateCommunity({ seed: "x", cards: 0, days: 3 })).toThrow(RangeError);
});
