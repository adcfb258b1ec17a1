import type { Published, Sequenced } from "@menshen/evidence/node";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { quietLogger } from "../../testing/test-database.ts";
import { makeLogRunner } from "./log-runner.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const head = { size: 0, root: new Uint8Array(32) };
const done = (more = false): Sequenced => ({ outcome: "sequenced", head, appended: 1, more });

/** A log that answers what it is told to, and counts. */
function fakeLog(answers: { sequence?: () => Promise<Sequenced>; publish?: () => Promise<Published> } = {}) {
  const counts = { sequenced: 0, published: 0 };
  const log = {
    sequence: async () => {
      counts.sequenced += 1;
      return (await answers.sequence?.()) ?? done();
    },
    publish: async () => {
      counts.published += 1;
      return (await answers.publish?.()) ?? { size: counts.published, results: [] };
    },
  };
  return { log, counts };
}

const collect = async () => {};
const logger = { ...quietLogger, error: () => {}, warn: () => {} };

test("leaves are taken a quarter of a second after they were recorded, and looked for a while longer", async () => {
  const { log, counts } = fakeLog();
  const runner = makeLogRunner({ log, logger, collect });
  await vi.advanceTimersByTimeAsync(1_000);
  const idle = counts.sequenced;
  runner.nudge();
  await vi.advanceTimersByTimeAsync(300);
  expect(counts.sequenced).toBe(idle + 1);
  // The transaction may have committed late.
  await vi.advanceTimersByTimeAsync(2_000);
  expect(counts.sequenced).toBeGreaterThan(idle + 3);
  // Recorded without end, it is still a few times a second.
  const before = counts.sequenced;
  for (let tick = 0; tick < 100; tick += 1) {
    runner.nudge();
    await vi.advanceTimersByTimeAsync(10);
  }
  expect(counts.sequenced - before).toBeLessThan(6);
  await runner.stop();
});

test("without a nudge it looks every ten seconds; stopped, never again", async () => {
  const { log, counts } = fakeLog();
  const runner = makeLogRunner({ log, logger, collect });
  await vi.advanceTimersByTimeAsync(40_500);
  expect(counts.sequenced).toBe(5);
  await runner.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(counts.sequenced).toBe(5);
});

test("what is left over is taken at once", async () => {
  let left = 3;
  const { log, counts } = fakeLog({ sequence: async () => done(--left > 0) });
  const runner = makeLogRunner({ log, logger, collect });
  await runner.settle();
  expect(counts.sequenced).toBe(3);
  await runner.stop();
});

test("a fault is logged and the next round tries again", async () => {
  let calls = 0;
  const { log } = fakeLog({
    sequence: async () => {
      calls += 1;
      if (calls === 1) throw new Error("the database is gone");
      return done();
    },
    publish: async () => {
      throw new Error("no network");
    },
  });
  const runner = makeLogRunner({ log, logger, collect });
  await vi.advanceTimersByTimeAsync(11_000);
  expect(calls).toBe(2);
  await runner.stop();
});

test("a refusal stands as an alarm until the log takes leaves again", async () => {
  let refuse = true;
  const { log } = fakeLog({
    sequence: async () =>
      refuse ? { outcome: "refused", alarm: "log-behind-witness", storedSize: 1, seenSize: 2 } : done(),
  });
  const runner = makeLogRunner({ log, logger, collect });
  await runner.settle();
  expect(runner.alarm()).toBe("log-behind-witness");
  refuse = false;
  await runner.settle();
  expect(runner.alarm()).toBeUndefined();
  await runner.stop();
});

test("a slow witness holds up the publication and not the leaves", async () => {
  const slow = Promise.withResolvers<Published>();
  const { log, counts } = fakeLog({ publish: () => slow.promise });
  const runner = makeLogRunner({ log, logger, collect });
  await vi.advanceTimersByTimeAsync(300);
  runner.nudge();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(counts.sequenced).toBeGreaterThan(3);
  expect(counts.published).toBe(1);
  slow.resolve({ size: 1, results: [] });
  await runner.stop();
});

test("each larger tree is told once", async () => {
  const told: number[] = [];
  let size = 5;
  const { log } = fakeLog({ publish: async () => ({ size, results: [] }) });
  const runner = makeLogRunner({
    log,
    logger,
    collect,
    onPublished: async (published) => {
      told.push(published);
    },
  });
  await runner.settle();
  await runner.settle();
  size = 9;
  await runner.settle();
  expect(told).toEqual([5, 9]);
  await runner.stop();
});
