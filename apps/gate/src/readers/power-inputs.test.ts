import { ReaderId } from "@menshen/domain";
import { expect, test } from "vitest";
import { makeDrivenClock } from "../clock/injected-clock-source.ts";
import { makeFindings } from "../findings.ts";
import { makePowerInputs } from "./power-inputs.ts";

const UNIT = ReaderId("dddddddd-0000-4000-8000-000000000002");
const OTHER = ReaderId("dddddddd-0000-4000-8000-000000000003");

function rig() {
  const driven = makeDrivenClock(0, 0, "b");
  const events: string[] = [];
  const findings = makeFindings(() => undefined);
  const power = makePowerInputs({
    config: {
      mains: { readerId: UNIT, input: 0, normallyClosed: true },
      battery: { readerId: UNIT, input: 1, normallyClosed: false },
    },
    source: driven.source,
    record: (event) => events.push(event),
    findings,
  });
  const pass = (ms: number) => driven.moveTo(driven.source.wallMs() + ms, driven.source.monotonicMs() + ms);
  return { power, events, findings, pass };
}

test("tells that the mains failed and the battery runs low, and that both are well again", async () => {
  const { power, events, findings, pass } = rig();
  power.inputs(UNIT, [1, 0]);
  await pass(5_000);
  expect(events).toEqual([]);
  power.inputs(UNIT, [0, 0]);
  await pass(4_999);
  expect(events).toEqual([]);
  await pass(1);
  power.inputs(UNIT, [0, 1]);
  await pass(5_000);
  expect(findings.list().map(({ code }) => code)).toEqual(["mains-failed", "battery-low"]);
  power.inputs(UNIT, [1, 0]);
  await pass(5_000);
  expect(events).toEqual(["power-fault", "battery-low", "power-restored", "battery-restored"]);
  expect(findings.list()).toEqual([]);
});

test("a contact that chatters says nothing until it rests, and another unit's inputs are not these", async () => {
  const { power, events, pass } = rig();
  for (let i = 0; i < 500; i++) {
    power.inputs(UNIT, [i % 2, 0]);
    await pass(20);
  }
  power.inputs(OTHER, [0, 1]);
  power.inputs(UNIT, []);
  await pass(5_000);
  expect(events).toEqual([]);
  power.inputs(UNIT, [0, 0]);
  await pass(5_000);
  expect(events).toEqual(["power-fault"]);
  power.inputs(UNIT, [1, 0]);
  power.stop();
  await pass(5_000);
  expect(events).toEqual(["power-fault"]);
});
