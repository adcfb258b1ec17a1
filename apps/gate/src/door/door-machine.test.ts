import { describe, expect, test } from "vitest";
import {
  canResetFire,
  type DoorCondition,
  type DoorInput,
  isReleased,
  lockCommandNow,
  newDoor,
  nextDeadlineMs,
  stepDoor,
} from "./door-machine.ts";

/** Walks a door through `[time, input]` steps and notes the effects of each in short words. */
function walk(steps: readonly (readonly [number, DoorInput])[], start: DoorCondition = door()) {
  let condition = start;
  const seen: string[] = [];
  for (const [atMs, input] of steps) {
    const { door: next, effects } = stepDoor(condition, input, atMs);
    condition = next;
    for (const effect of effects) {
      if (effect.kind === "record") seen.push(`${atMs} ${effect.event}`);
      else if (effect.kind === "signal") seen.push(`${atMs} ~${effect.signal}`);
      else if (effect.command.kind === "release-for")
        seen.push(`${atMs} !release-for ${effect.command.forMs}`);
      else seen.push(`${atMs} !${effect.command.kind}`);
    }
  }
  return { seen, door: condition };
}

const door = () => newDoor({ unlockMs: 5_000, heldOpenLimitMs: 30_000 }, false);
const granted: DoorInput = { kind: "granted" };
const open: DoorInput = { kind: "contact", open: true };
const close: DoorInput = { kind: "contact", open: false };
const press: DoorInput = { kind: "exit-button", pressed: true };
const letGo: DoorInput = { kind: "exit-button", pressed: false };
const time: DoorInput = { kind: "time" };
const unlocked: DoorInput = { kind: "standing", unlocked: true };
const locked: DoorInput = { kind: "standing", unlocked: false };
const fireOn: DoorInput = { kind: "fire", on: true };
const fireOff: DoorInput = { kind: "fire", on: false };
const reset: DoorInput = { kind: "fire-reset" };

describe("a passage", () => {
  test("the lock is released for its time and secured after it when nobody comes", () => {
    const { seen, door: after } = walk([
      [0, close],
      [1_000, granted],
      [5_999, time],
      [6_000, time],
    ]);
    expect(seen).toEqual(["1000 !release-for 5000", "6000 !secure"]);
    expect(isReleased(after, 6_000)).toBe(false);
    expect(nextDeadlineMs(after)).toBeUndefined();
  });

  test("closing after the passage secures at once", () => {
    const { seen } = walk([
      [0, close],
      [1_000, granted],
      [2_000, open],
      [3_500, close],
      [6_000, time],
    ]);
    expect(seen).toEqual(["1000 !release-for 5000", "2000 opened", "3500 closed", "3500 !secure"]);
  });

  test("a second grant while the door is open releases it again", () => {
    const { seen } = walk([
      [0, close],
      [1_000, granted],
      [2_000, open],
      [3_000, granted],
      [4_000, close],
    ]);
    expect(seen).toEqual([
      "1000 !release-for 5000",
      "2000 opened",
      "3000 !release-for 5000",
      "4000 closed",
      "4000 !secure",
    ]);
  });

  test("deadlines and the command for a lock that comes back", () => {
    const { door: after } = walk([
      [0, close],
      [1_000, granted],
    ]);
    expect(nextDeadlineMs(after)).toBe(6_000);
    expect(lockCommandNow(after, 2_000)).toEqual({ kind: "release-for", forMs: 4_000 });
    expect(lockCommandNow(after, 6_000)).toEqual({ kind: "secure" });
    expect(lockCommandNow(walk([[0, unlocked]]).door, 1)).toEqual({ kind: "release" });
  });
});

describe("forced", () => {
  test("opening a locked door is forced, and closing ends it", () => {
    const { seen, door: after } = walk([
      [0, close],
      [1_000, open],
      [90_000, time],
      [91_000, close],
    ]);
    expect(seen).toEqual(["1000 forced", "1000 ~close-now", "91000 closed", "91000 ~quiet"]);
    expect(after.opening).toBe("not-open");
  });

  test("the first report after a start only tells how the door stands", () => {
    expect(walk([[0, open]]).seen).toEqual(["0 opened"]);
    expect(walk([[0, close]]).seen).toEqual([]);
  });

  test("repeated reports are one", () => {
    expect(
      walk([
        [0, close],
        [1, close],
        [2, open],
        [3, open],
      ]).seen,
    ).toEqual(["2 forced", "2 ~close-now"]);
  });

  test("opening after the release ended is forced", () => {
    expect(
      walk([
        [0, close],
        [0, granted],
        [5_000, open],
      ]).seen,
    ).toEqual(["0 !release-for 5000", "5000 !secure", "5000 forced", "5000 ~close-now"]);
  });
});

describe("request to exit", () => {
  test("is reported, decides nothing, and the opening that follows is not forced", () => {
    const { seen } = walk([
      [0, close],
      [1_000, press],
      [1_500, letGo],
      [11_000, open],
    ]);
    expect(seen).toEqual(["1000 exit-request", "11000 opened"]);
  });

  test("covers an opening for ten seconds after it is let go, not longer", () => {
    expect(
      walk([
        [0, close],
        [1_000, press],
        [1_500, letGo],
        [11_500, open],
      ]).seen,
    ).toEqual(["1000 exit-request", "11500 forced", "11500 ~close-now"]);
  });

  test("a button that is held covers any opening and is reported once", () => {
    expect(
      walk([
        [0, close],
        [1_000, press],
        [1_100, press],
        [60_000, open],
      ]).seen,
    ).toEqual(["1000 exit-request", "60000 opened"]);
  });

  test("hammering the button does not flood the journal", () => {
    const { seen } = walk(
      Array.from({ length: 40 }, (_, i) => [i * 100, i % 2 === 0 ? press : letGo] as const),
    );
    expect(seen).toEqual(["0 exit-request", "2000 exit-request"]);
  });
});

describe("held open", () => {
  test("warns, alarms, and ends when the door closes", () => {
    const { seen, door: after } = walk([
      [0, close],
      [0, granted],
      [1_000, open],
      [21_000, time],
      [31_000, time],
      [40_000, close],
    ]);
    expect(seen).toEqual([
      "0 !release-for 5000",
      "1000 opened",
      "21000 !secure",
      "21000 ~close-soon",
      "31000 held-too-long",
      "31000 ~close-now",
      "40000 held-ended",
      "40000 closed",
      "40000 ~quiet",
    ]);
    expect(after.opening).toBe("not-open");
  });

  test("closing after the warning silences it", () => {
    expect(
      walk([
        [0, close],
        [0, granted],
        [1_000, open],
        [22_000, time],
        [23_000, close],
      ]).seen.slice(-2),
    ).toEqual(["23000 closed", "23000 ~quiet"]);
  });

  test("does not count while the door stands unlocked, and begins anew when that ends", () => {
    const { seen } = walk([
      [0, close],
      [0, unlocked],
      [1_000, open],
      [500_000, time],
      [600_000, locked],
      [629_000, time],
      [630_000, time],
    ]);
    expect(seen).toEqual([
      "0 unlocked",
      "0 !release",
      "1000 opened",
      "600000 locked",
      "600000 !secure",
      "629000 ~close-soon",
      "630000 held-too-long",
      "630000 ~close-now",
    ]);
  });

  test("an alarm ends when the door is allowed to stand open", () => {
    expect(
      walk([
        [0, close],
        [0, granted],
        [0, open],
        [40_000, time],
        [50_000, unlocked],
      ]).seen.slice(-4),
    ).toEqual(["50000 unlocked", "50000 !release", "50000 held-ended", "50000 ~quiet"]);
  });
});

describe("standing unlocked", () => {
  test("a grant changes nothing while everyone may pass", () => {
    const { seen } = walk([
      [0, close],
      [0, unlocked],
      [1_000, granted],
      [2_000, open],
      [3_000, close],
    ]);
    expect(seen).toEqual(["0 unlocked", "0 !release", "2000 opened", "3000 closed"]);
  });

  test("the release of a grant outlasts the end of a schedule", () => {
    const { seen } = walk([
      [0, close],
      [1_000, granted],
      [2_000, unlocked],
      [3_000, locked],
      [6_000, time],
    ]);
    expect(seen).toEqual([
      "1000 !release-for 5000",
      "2000 unlocked",
      "2000 !release",
      "3000 locked",
      "3000 !release-for 3000",
      "6000 !secure",
    ]);
  });
});

describe("fire", () => {
  test("is latched until a person resets it, and cannot be reset while the input is on", () => {
    const burning = walk([
      [0, close],
      [1_000, fireOn],
      [1_100, fireOn],
      [2_000, reset],
    ]);
    expect(burning.seen).toEqual(["1000 fire-on"]);
    expect(burning.door.fireLatched).toBe(true);
    expect(canResetFire(burning.door)).toBe(false);
    const over = walk([[3_000, fireOff]], burning.door);
    expect(over.seen).toEqual([]);
    expect(over.door.fireLatched).toBe(true);
    expect(canResetFire(over.door)).toBe(true);
    const ended = walk([[4_000, reset]], over.door);
    expect(ended.seen).toEqual(["4000 fire-reset"]);
    expect(ended.door.fireLatched).toBe(false);
  });

  test("a latch that survived a restart still holds, and a fire in between is the same one", () => {
    const start = newDoor({ unlockMs: 5_000, heldOpenLimitMs: 30_000 }, true);
    expect(walk([[0, fireOn]], start).seen).toEqual([]);
    expect(walk([[0, reset]], start).seen).toEqual(["0 fire-reset"]);
  });
});

test("a lock that stops answering is reported once until it answers again", () => {
  const silent: DoorInput = { kind: "lock-answer", answered: false };
  const answers: DoorInput = { kind: "lock-answer", answered: true };
  expect(
    walk([
      [0, answers],
      [1, silent],
      [2, silent],
      [3, answers],
      [4, silent],
    ]).seen,
  ).toEqual(["1 lock-not-answering", "4 lock-not-answering"]);
});

test("new settings hold from the next grant on", () => {
  expect(
    walk([
      [0, close],
      [0, { kind: "settings", settings: { unlockMs: 9_000, heldOpenLimitMs: 60_000 } }],
      [1_000, granted],
      [2_000, open],
    ]).door.heldAtMs,
  ).toBe(62_000);
});
