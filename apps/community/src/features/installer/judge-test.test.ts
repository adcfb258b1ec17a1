import { expect, test } from "vitest";
import { judgeTest, TEST_LIFE_MS, type TestSoFar } from "./judge-test.ts";

const door = "door-1";
const other = "door-2";

function so(far: Partial<TestSoFar> & { readonly wireState?: TestSoFar["command"]["wireState"] }): TestSoFar {
  const { wireState, ...rest } = far;
  return {
    wire: "contact",
    subjectId: door,
    startedAt: 1_000,
    command: { state: "done", wireState, opened: undefined },
    seen: undefined,
    sightings: [],
    ...rest,
  };
}

test("an output needs somebody's eyes or the door's contact beside the gate's word", () => {
  const told = so({ wire: "led", wireState: "told" });
  expect(judgeTest(told, 2_000)).toEqual({ state: "ask", observed: ["answered"], elsewhere: [] });
  expect(judgeTest({ ...told, seen: true }, 2_000)).toMatchObject({
    state: "passed",
    observed: ["answered", "person"],
  });
  expect(judgeTest({ ...told, seen: false }, 2_000)).toMatchObject({
    state: "failed",
    observed: ["answered", "person-not"],
  });
  const lock = so({ wire: "lock", wireState: "followed" });
  expect(judgeTest(lock, 2_000).state).toBe("ask");
  const opened = { ...lock, command: { ...lock.command, opened: true } };
  expect(judgeTest(opened, 2_000)).toMatchObject({ state: "passed", observed: ["followed", "opened"] });
  expect(judgeTest(so({ wire: "lock", wireState: "stuck" }), 2_000)).toMatchObject({
    state: "failed",
    observed: ["stuck"],
  });
});

test("an input is watched: seen, the wrong way round, nothing, or at another door", () => {
  expect(judgeTest(so({ wireState: "watching" }), 2_000)).toEqual({
    state: "under-way",
    observed: ["watching"],
    elsewhere: [],
  });
  expect(judgeTest(so({ wireState: "seen" }), 2_000).state).toBe("passed");
  expect(judgeTest(so({ wireState: "wrong-way" }), 2_000)).toMatchObject({
    state: "failed",
    observed: ["wrong-way"],
  });
  const swapped = so({
    wireState: "not-seen",
    sightings: [
      { subjectId: other, event: "forced" },
      { subjectId: other, event: "closed" },
      { subjectId: door, event: "exit-request" },
    ],
  });
  expect(judgeTest(swapped, 2_000)).toEqual({
    state: "failed",
    observed: ["not-seen", "elsewhere"],
    elsewhere: [other],
  });
});

test("a command that the gate did not carry out, and a test that nobody finished, fail", () => {
  const late = so({ command: { state: "late", wireState: undefined, opened: undefined } });
  expect(judgeTest(late, 2_000)).toMatchObject({ state: "failed", observed: ["not-done"] });
  const waiting = so({ command: { state: "waiting", wireState: undefined, opened: undefined } });
  expect(judgeTest(waiting, 2_000).state).toBe("under-way");
  expect(judgeTest(waiting, 1_000 + TEST_LIFE_MS).state).toBe("under-way");
  expect(judgeTest(waiting, 1_001 + TEST_LIFE_MS).state).toBe("failed");
});
