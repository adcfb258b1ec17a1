import { Instant } from "@menshen/domain";
import { expect, test } from "vitest";
import { eventually } from "../../gate-link/testing/eventually.ts";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";
import { ALL_TAPS, COPIED_CARDS, storeTaps } from "./testing/stored-taps.ts";
import { makeTrials } from "./trial.ts";
import { judgeTrial } from "./trial-judge.ts";
import { trialThreads } from "./trial-thread.ts";

const DAY = 86_400_000;
const PATIENCE_MS = 60_000;
const NAME = "the trial's thread";
const server = await startTestServer();
const site = await buildSite(server);
const start = server.clock.now();
await storeTaps(server.pool, site, start);
const clock = { now: () => Instant(start + 8 * DAY) };
const connection = { ...server.connection, application_name: NAME };
const logged: string[] = [];
const logger = { error: (_fields: unknown, text?: string) => void logged.push(text ?? "") };
const trials = makeTrials({
  clock,
  logger,
  lastPosition: async () => ALL_TAPS,
  startTrial: trialThreads({ connection }),
});
const connections = async () => {
  const { rows } = await server.pool.query<{ count: number }>(
    "select count(*)::int as count from pg_stat_activity where application_name = $1",
    [NAME],
  );
  return rows[0]?.count;
};

test("a trial in its thread finds what a trial here finds, tells how far it is, and leaves nothing open", async () => {
  const order = { tuned: { counterSlackMinutes: 1_440 }, position: ALL_TAPS, now: clock.now() };
  const shares: number[] = [];
  const here = await judgeTrial(server.db, order, (share) => shares.push(share));
  expect(here).toMatchObject({ events: ALL_TAPS, present: { replace: COPIED_CARDS.length } });
  expect(shares.length).toBeGreaterThan(2);
  expect(shares).toEqual(shares.toSorted((one, other) => one - other));
  const begun = trials.begin(order.tuned);
  expect(begun).toMatchObject({ state: "running", progress: 0 });
  await eventually("a trial", () => trials.latest()?.state === "over", PATIENCE_MS);
  expect(trials.latest()).toEqual({ ...begun, ...here, state: "over", progress: 1 });
  await eventually("connections", async () => (await connections()) === 0, PATIENCE_MS);
}, 120_000);

test("one that is stopped ends at once with its thread, and one that is begun stops the one before", async () => {
  const first = trials.begin({});
  const second = trials.begin({ caseDays: 3 });
  expect(trials.latest()).toEqual(second);
  expect(second.id).not.toBe(first.id);
  await eventually("its connection", async () => (await connections()) !== 0, PATIENCE_MS);
  expect(trials.stop()).toMatchObject({ id: second.id, state: "stopped" });
  await eventually("connections", async () => (await connections()) === 0, PATIENCE_MS);
  expect(trials.latest()).toMatchObject({ id: second.id, state: "stopped" });
  expect(logged).toEqual([]);
}, 120_000);

test("a trial goes as far as it was told, whatever was stored since", async () => {
  const order = { tuned: {}, position: ALL_TAPS - 500, now: clock.now() };
  expect(await judgeTrial(server.db, order, () => {})).toMatchObject({ events: ALL_TAPS - 500 });
}, 120_000);

test.each([
  ["fails", "throw new Error('no')"],
  ["ends without a word", "process.exit(0)"],
])(
  "one whose thread %s says that it failed",
  async (_what, program) => {
    const worker = new URL(`data:text/javascript,${program}`);
    const before = logged.length;
    const failing = makeTrials({
      ...{ clock, logger },
      lastPosition: async () => 0,
      startTrial: trialThreads({ connection }, worker),
    });
    failing.begin({});
    await eventually("a failure", () => failing.latest()?.state === "failed", PATIENCE_MS);
    expect(logged.slice(before)).toEqual(["a trial of other numbers ended early"]);
  },
  120_000,
);
