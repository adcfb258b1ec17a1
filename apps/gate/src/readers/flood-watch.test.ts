import { ReaderId } from "@menshen/domain";
import { expect, test } from "vitest";
import { makeDrivenClock } from "../clock/injected-clock-source.ts";
import { makeFindings } from "../findings.ts";
import { makeFloodWatch } from "./flood-watch.ts";

const MAD = ReaderId("dddddddd-0000-4000-8000-000000000002");
const OTHER = ReaderId("dddddddd-0000-4000-8000-000000000003");

function rig() {
  const driven = makeDrivenClock(0, 0, "b");
  const events: string[] = [];
  const findings = makeFindings(() => undefined);
  const floods = makeFloodWatch({
    source: driven.source,
    findings,
    record: (readerId, event, count) =>
      events.push(`${readerId === MAD ? "mad" : "other"} ${event}${count === undefined ? "" : ` ${count}`}`),
  });
  const pass = (ms: number) => driven.moveTo(driven.source.wallMs() + ms, driven.source.monotonicMs() + ms);
  const report = (readerId: ReaderId, count: number) =>
    Array.from({ length: count }, () => floods.admits(readerId)).filter((may) => may).length;
  return { floods, events, findings, pass, report };
}

test("a mad reader is told once, taken at a bounded rate, and told again with the count when it is quiet", async () => {
  const { events, findings, pass, report } = rig();
  expect(report(MAD, 1_000)).toBe(200);
  expect(events).toEqual(["mad flooded"]);
  expect(findings.has("reader-flooded", MAD)).toBe(true);
  // Another reader of the gate is taken as before.
  expect(report(OTHER, 100)).toBe(100);
  expect(findings.has("reader-flooded", OTHER)).toBe(false);
  for (let second = 0; second < 60; second++) {
    await pass(1_000);
    expect(report(MAD, 100)).toBe(15);
  }
  expect(events).toEqual(["mad flooded"]);
  await pass(30_000);
  expect(events).toEqual(["mad flooded", "mad flood-ended 5900"]);
  expect(findings.list()).toEqual([]);
  expect(report(MAD, 1)).toBe(1);
  expect(events).toHaveLength(2);
});

test("after a stop nothing more is told", async () => {
  const { floods, events, pass, report } = rig();
  report(MAD, 300);
  floods.stop();
  await pass(60_000);
  expect(events).toEqual(["mad flooded"]);
});
