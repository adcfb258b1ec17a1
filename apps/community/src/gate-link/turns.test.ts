import { expect, test } from "vitest";
import { makeTurns } from "./turns.ts";

test("one caller in each turn, in the order of the calls", async () => {
  const later: (() => void)[] = [];
  const turn = async () => {
    later.shift()?.();
    // Whoever was let through runs in a microtask.
    await Promise.resolve();
  };
  const next = makeTurns((run) => later.push(run));
  const through: string[] = [];
  const call = (name: string) => next().then(() => through.push(name));

  void call("first");
  void call("second");
  expect(through).toEqual([]);
  await turn();
  expect(through).toEqual(["first"]);
  void call("third");
  await turn();
  await turn();
  expect(through).toEqual(["first", "second", "third"]);
  expect(later).toEqual([]);

  void call("fourth");
  expect(later).toHaveLength(1);
  await turn();
  expect(through).toEqual(["first", "second", "third", "fourth"]);
});
