import fc from "fast-check";
import { expect, test } from "vitest";
import { makeDrivenClock } from "../clock/injected-clock-source.ts";
import { makeContactFilter } from "./contact-filter.ts";

function rig() {
  const driven = makeDrivenClock(0, 0, "b");
  const log: string[] = [];
  const filter = makeContactFilter({
    source: driven.source,
    pass: (open) => log.push(open ? "open" : "closed"),
    told: (isChattering) => log.push(isChattering ? "chatters" : "steady"),
  });
  const pass = (ms: number) => driven.moveTo(driven.source.wallMs() + ms, driven.source.monotonicMs() + ms);
  return { filter, log, pass };
}

test("persons passing, one after the other, are told at once", async () => {
  const { filter, log, pass } = rig();
  for (let person = 0; person < 40; person++) {
    filter.reported(true);
    await pass(500);
    filter.reported(false);
    await pass(500);
  }
  expect(log).toHaveLength(80);
  expect(filter.isChattering()).toBe(false);
});

test("a contact that flickers is told once, whatever it says meanwhile, and what it rests at afterwards", async () => {
  const { filter, log, pass } = rig();
  filter.reported(false);
  await pass(60_000);
  log.length = 0;
  for (let change = 0; change < 5_000; change++) {
    filter.reported(change % 2 === 0);
    await pass(100);
  }
  expect(log).toEqual(["open", "closed", "open", "closed", "open", "closed", "open", "chatters"]);
  expect(filter.isChattering()).toBe(true);
  filter.reported(true);
  await pass(4_999);
  expect(log).toHaveLength(8);
  await pass(1);
  expect(log.slice(8)).toEqual(["steady", "open"]);
  filter.reported(true);
  filter.reported(false);
  expect(log.slice(8)).toEqual(["steady", "open", "closed"]);
});

test("whatever a contact says, at rest the door stands as it says, and each flicker has an end", async () => {
  const runs = Number(process.env.FUZZ_RUNS ?? 50);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 2_000 })), { minLength: 1, maxLength: 60 }),
      async (reports) => {
        const { filter, log, pass } = rig();
        for (const [open, restMs] of reports) {
          filter.reported(open);
          await pass(restMs);
        }
        await pass(5_000);
        expect(filter.isChattering()).toBe(false);
        expect(log.filter((line) => line === "open" || line === "closed").at(-1)).toBe(
          reports.at(-1)?.[0] === true ? "open" : "closed",
        );
        expect(log.filter((line) => line === "chatters").length).toBe(
          log.filter((line) => line === "steady").length,
        );
      },
    ),
    { numRuns: runs },
  );
});

test("after a stop nothing more is told", async () => {
  const { filter, log, pass } = rig();
  for (let change = 0; change < 10; change++) filter.reported(change % 2 === 0);
  const before = log.length;
  filter.stop();
  await pass(10_000);
  expect(log).toHaveLength(before);
});
