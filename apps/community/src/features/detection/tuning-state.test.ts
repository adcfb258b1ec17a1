import { expect, test } from "vitest";
import type { EngineState } from "./engine.ts";
import { stateView } from "./tuning.service.ts";

const WELL: EngineState = {
  judgedUntil: 1_800_000_000_000,
  waitingFor: [],
  credentials: 3,
  stateBytes: 300,
  tooLate: 0,
  gates: [],
  restarts: 0,
  takenUntil: 100,
};

test("an engine that is well has everything, and says nothing of starting again", () => {
  expect(stateView(WELL, 100)).toEqual({
    ...{ judgedUntil: 1_800_000_000_000, waitingFor: [], credentials: 3, stateBytes: 300, gates: [] },
    waiting: 0,
  });
});

test("one that is behind says how many records wait; what it was handed before the look was made is not below nothing", () => {
  expect(stateView(WELL, 4_321).waiting).toBe(4_221);
  expect(stateView(WELL, 99).waiting).toBe(0);
});

test("one that was started again says how often and when, and says of the backlog only what it knows", () => {
  const state = stateView(
    { ...WELL, restarts: 2, restartedAt: 1_799_999_990_000, takenUntil: undefined },
    4_321,
  );
  expect(state).toMatchObject({ restarts: 2, restartedAt: 1_799_999_990_000 });
  expect(state).not.toHaveProperty("waiting");
});

test("gates that hold it back are named, and of a clock nothing is said that is not known", () => {
  const gate = {
    offsetMs: undefined,
    errorMs: Number.POSITIVE_INFINITY,
    jumps: 1,
    outOfOrder: 2,
    duplicates: 3,
  };
  const gates = [{ ...gate, gate: "g1" }];
  const state = stateView({ ...WELL, judgedUntil: undefined, waitingFor: ["g1"], gates }, 100);
  expect(state).toMatchObject({
    waitingFor: ["g1"],
    gates: [{ gateId: "g1", jumps: 1, outOfOrder: 2, duplicates: 3 }],
  });
  expect(Object.keys(state.gates[0] ?? {}).toSorted()).toEqual([
    "duplicates",
    "gateId",
    "jumps",
    "outOfOrder",
  ]);
  expect(state).not.toHaveProperty("judgedUntil");
});
