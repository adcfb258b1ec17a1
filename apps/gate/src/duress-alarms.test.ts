import { ReaderId } from "@menshen/domain";
import { expect, test } from "vitest";
import { makeDrivenClock } from "./clock/injected-clock-source.ts";
import { makeDuressAlarms } from "./duress-alarms.ts";

const READER = ReaderId("6f0f3a8e-6a0b-4a52-9d8a-0f3f6f1f2a31");
const HALF_AN_HOUR_MS = 30 * 60_000;

function rig() {
  const driven = makeDrivenClock(0, 0, "b");
  const link = { isUp: true };
  const told: string[] = [];
  const alarms = makeDuressAlarms({
    source: driven.source,
    changed: () => told.push("server"),
    isConnected: () => link.isUp,
    call: () => told.push("wire"),
  });
  let now = 0;
  const advance = async (byMs: number) => {
    now += byMs;
    await driven.moveTo(now, now);
  };
  return { advance, link, told, alarms };
}

test("guards are called at once, over the server and over the site's own wire", () => {
  const { alarms, told } = rig();
  alarms.raise(READER);
  expect(told).toEqual(["server", "wire"]);
  expect(alarms.list()).toEqual([READER]);
});

test("it stands for half an hour, from the last one on", async () => {
  const { advance, alarms, told } = rig();
  alarms.raise(READER);
  await advance(HALF_AN_HOUR_MS - 1);
  alarms.raise(READER);
  await advance(HALF_AN_HOUR_MS - 1);
  expect(alarms.list()).toEqual([READER]);
  await advance(1);
  expect(alarms.list()).toEqual([]);
  expect(told.at(-1)).toBe("server");
});

test("offline it stands until a server heard of it", async () => {
  const { advance, link, alarms } = rig();
  link.isUp = false;
  alarms.raise(READER);
  await advance(3 * HALF_AN_HOUR_MS);
  expect(alarms.list()).toEqual([READER]);
  link.isUp = true;
  await advance(HALF_AN_HOUR_MS);
  expect(alarms.list()).toEqual([]);
});
