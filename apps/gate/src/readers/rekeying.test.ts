import { expect, test } from "vitest";
import type { ReaderConfig } from "../config.ts";
import { READER, UNIT } from "../testing/test-site.ts";
import type { ReaderState } from "./reader-state.ts";
import { makeRekeying } from "./rekeying.ts";

const DAY_MS = 86_400_000;
const reader = (readerId: typeof READER, address: number): ReaderConfig => ({
  readerId,
  address,
  role: "reader",
  accessPointId: undefined,
  secureChannel: "required",
  channel: "apdu",
});

/** Two readers whose keys are 31 days old; a new key counts when `finish` says so. */
function rig() {
  const time = { day: 100, stopwatchMs: 0 };
  const madeOnDay = new Map([
    [READER, 69],
    [UNIT, 69],
  ]);
  const state: ReaderState = { online: true, secureChannel: "own-key", tamper: false, powerFault: false };
  const states = new Map([
    [READER, state],
    [UNIT, state],
  ]);
  const asked: string[] = [];
  let finish = () => {};
  const rekeying = makeRekeying({
    buses: () => [
      {
        readers: [reader(READER, 0), reader(UNIT, 1)],
        rekey: ({ readerId }) => {
          asked.push(readerId);
          return new Promise((resolve) => {
            finish = resolve;
          });
        },
      },
    ],
    keys: {
      ageMs(readerId, nowMs) {
        const day = madeOnDay.get(readerId);
        return day === undefined ? undefined : nowMs - day * DAY_MS;
      },
    },
    states: { of: (readerId) => states.get(readerId) ?? state },
    nowMs: () => time.day * DAY_MS,
    monotonicMs: () => time.day * DAY_MS,
    stopwatchMs: () => time.stopwatchMs,
  });
  const done = async () => {
    finish();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { rekeying, time, madeOnDay, states, state, asked, done };
}

test("readers get new keys one after the other, once nobody has been at a door for a minute", async () => {
  const { rekeying, time, madeOnDay, asked, done } = rig();
  time.stopwatchMs = 59_999;
  rekeying.look();
  expect(asked).toEqual([]);
  time.stopwatchMs = 60_000;
  rekeying.look();
  rekeying.look();
  expect(asked).toEqual([READER]);
  madeOnDay.set(READER, 100);
  await done();
  rekeying.acted();
  rekeying.look();
  expect(asked).toEqual([READER]);
  time.stopwatchMs = 120_000;
  rekeying.look();
  expect(asked).toEqual([READER, UNIT]);
});

test("a key of less than 30 days stays, and so does that of a reader that is away or has none", () => {
  const { rekeying, time, madeOnDay, states, state, asked } = rig();
  time.stopwatchMs = 60_000;
  madeOnDay.set(READER, 71);
  states.set(UNIT, { ...state, online: false });
  rekeying.look();
  states.set(UNIT, { ...state, secureChannel: "install" });
  rekeying.look();
  states.set(UNIT, state);
  madeOnDay.delete(UNIT);
  rekeying.look();
  expect(asked).toEqual([]);
});

test("a reader that keeps its old key is asked again the next day, and holds nobody else up", async () => {
  const { rekeying, time, asked, done } = rig();
  time.stopwatchMs = 60_000;
  for (let minute = 0; minute < 5; minute++) {
    rekeying.look();
    await done();
  }
  expect(asked).toEqual([READER, UNIT]);
  time.day += 1;
  rekeying.look();
  expect(asked).toEqual([READER, UNIT, READER]);
});
