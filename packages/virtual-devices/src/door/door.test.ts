import { expect, test } from "vitest";
import { simulatedTimers } from "../simulated-timers.ts";
import { makeDoor } from "./door.ts";

function doorWithLog() {
  const time = simulatedTimers();
  const door = makeDoor(time, { openingMs: 300, passingMs: 1_700, closingMs: 1_000 });
  const log: string[] = [];
  door.onContact((open) => log.push(`${time.now()} ${open ? "open" : "closed"}`));
  door.onExitContact((made) => log.push(`${time.now()} exit ${made ? "on" : "off"}`));
  return { time, door, log };
}

test("a held strike does not let anybody in", () => {
  const { time, door, log } = doorWithLog();
  expect(door.push()).toBe(false);
  time.advance(10_000);
  expect(log).toEqual([]);
});

test("a released strike opens at a push and the leaf closes by itself", () => {
  const { time, door, log } = doorWithLog();
  door.setStrike(true);
  expect(door.push()).toBe(true);
  door.setStrike(false);
  time.advance(10_000);
  expect(log).toEqual(["300 open", "3000 closed"]);
});

test("a held leaf closes later", () => {
  const { time, door, log } = doorWithLog();
  door.setStrike(true);
  door.push(30_000);
  time.advance(60_000);
  expect(log).toEqual(["300 open", "33000 closed"]);
});

test("the second of two people keeps the leaf open", () => {
  const { time, door, log } = doorWithLog();
  door.setStrike(true);
  door.push();
  door.setStrike(false);
  time.advance(2_000);
  expect(door.push()).toBe(true);
  time.advance(10_000);
  expect(log).toEqual(["300 open", "5000 closed"]);
});

test("leaving works with the strike held, and works the exit contact", () => {
  const { time, door, log } = doorWithLog();
  door.leave();
  time.advance(10_000);
  expect(log).toEqual(["0 exit on", "300 open", "400 exit off", "3000 closed"]);
});

test("the fire panel releases the strike without current", () => {
  const { door } = doorWithLog();
  door.setFireRelease(true);
  expect(door.released).toBe(true);
  expect(door.push()).toBe(true);
});

test("a forced door opens without release", () => {
  const { time, door, log } = doorWithLog();
  door.force();
  time.advance(500);
  expect(door.released).toBe(false);
  expect(log).toEqual(["300 open"]);
});
