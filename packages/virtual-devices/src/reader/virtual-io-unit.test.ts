import * as primitives from "@menshen/crypto/node";
import { parseScbk } from "@menshen/osdp";
import { describe, expect, test } from "vitest";
import { makeDoor } from "../door/door.ts";
import { simulatedTimers } from "../simulated-timers.ts";
import { makeTestBus } from "./bus.test-support.ts";
import { makeOutputs } from "./outputs.ts";
import { makeVirtualIoUnit } from "./virtual-io-unit.ts";

const KEY = parseScbk(primitives.fromHex("9b3c5f0e8a7d4612c05e7713fa29b8d4"));

describe("outputs", () => {
  function relays() {
    const timers = simulatedTimers();
    const log: string[] = [];
    const outputs = makeOutputs(timers, 2, (output, on) =>
      log.push(`${timers.now()} ${output} ${on ? "on" : "off"}`),
    );
    const apply = (control: number, timerTicks = 0, output = 0) =>
      outputs.apply([{ output, control, timerTicks }]);
    return { timers, outputs, log, apply };
  }

  test("a timed release ends by itself", () => {
    const { timers, log, apply } = relays();
    expect(apply(5, 30)).toBe(true);
    timers.advance(10_000);
    expect(log).toEqual(["0 0 on", "3000 0 off"]);
  });

  test("off for good ends a timed release, off after it does not", () => {
    const { timers, log, apply } = relays();
    apply(5, 30);
    timers.advance(1_000);
    apply(3);
    timers.advance(1_000);
    expect(log).toEqual(["0 0 on"]);
    apply(1);
    timers.advance(10_000);
    expect(log).toEqual(["0 0 on", "2000 0 off"]);
  });

  test("on for good comes back after a timed off", () => {
    const { timers, log, apply } = relays();
    apply(2);
    apply(6, 10);
    timers.advance(5_000);
    expect(log).toEqual(["0 0 on", "0 0 off", "1000 0 on"]);
  });

  test("a second release begins its time anew", () => {
    const { timers, log, apply } = relays();
    apply(5, 30);
    timers.advance(2_000);
    apply(5, 30);
    timers.advance(10_000);
    expect(log).toEqual(["0 0 on", "5000 0 off"]);
  });

  test.each([
    [7, 0],
    [2, 9],
  ])("control %i of output %i does not exist, and nothing changes", (control, output) => {
    const { outputs, log } = relays();
    const good = { output: 0, control: 2, timerTicks: 0 };
    expect(outputs.apply([good, { output, control, timerTicks: 0 }])).toBe(false);
    expect(log).toEqual([]);
  });
});

async function doorOnBus() {
  const made = makeTestBus([{ address: 1, security: { kind: "secure-channel", key: KEY } }]);
  const door = makeDoor(made.timers);
  const unit = makeVirtualIoUnit(made.line, {
    address: 1,
    timers: made.timers,
    key: KEY,
    inputCount: 3,
    outputCount: 1,
    doors: [{ door, strikeOutput: 0, contactInput: 0, exitInput: 1 }],
  });
  await made.run(1_000);
  return { ...made, door, unit };
}

test("opens its door when the panel releases the strike and somebody pushes", async () => {
  const { bus, door, run, of } = await doorOnBus();
  expect(door.push()).toBe(false);
  const released = bus.output(1, [{ output: 0, control: 5, timerTicks: 50 }]);
  await run(100);
  expect(await released).toMatchObject({ accepted: true });
  expect(door.push()).toBe(true);
  await run(6_000);
  expect(of("input").map(({ states }) => states)).toEqual([
    [0, 0, 0],
    [1, 0, 0],
  ]);
  expect(door.released).toBe(false);
});

test("reports the exit lever, a forced door and the fire input", async () => {
  const { door, unit, run, of } = await doorOnBus();
  door.leave();
  await run(5_000);
  door.force();
  await run(5_000);
  unit.setInput(2, true);
  await run(200);
  expect(of("input").map(({ states }) => states.join(""))).toEqual([
    "110",
    "010",
    "000",
    "100",
    "000",
    "100",
    "101",
  ]);
});

test("a pulled unit lets go of the strike", async () => {
  const { bus, door, unit, run } = await doorOnBus();
  const released = bus.output(1, [{ output: 0, control: 2, timerTicks: 0 }]);
  await run(100);
  await released;
  expect(door.released).toBe(true);
  unit.setPulled(true);
  expect(door.released).toBe(false);
});
