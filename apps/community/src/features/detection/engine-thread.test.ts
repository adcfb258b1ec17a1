import { GateId, Instant } from "@menshen/domain";
import { expect, test } from "vitest";
import type { LiveMessage } from "../../gate-link/index.ts";
import { eventually } from "../../gate-link/testing/eventually.ts";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";
import { makeDetectionEngine } from "./engine.ts";
import { startEngineThread } from "./engine-thread.ts";
import { packEntries, unpackEntries } from "./packed-entries.ts";
import type { TestPlan } from "./testing/slow-database.ts";
import { ALL_TAPS, COPIED_CARDS, handedTaps, raisedCards, storeTaps } from "./testing/stored-taps.ts";

const DAY = 86_400_000;
/** A thread starts slowly on a busy machine. */
const PATIENCE_MS = 60_000;
/** By which the connections of a thread are told from others. */
const NAME = "the engine's thread";

/** A server whose journal holds the first `stored` taps, and what a thread needs to judge them. */
async function scene(stored: number, begin?: Instant) {
  const server = await startTestServer({}, begin);
  const site = await buildSite(server);
  const start = server.clock.now();
  if (stored > 0) await storeTaps(server.pool, site, start, { from: 1, until: stored });
  const listeners = new Set<(message: LiveMessage) => void>();
  const logged: string[] = [];
  const log = (_fields: unknown, text?: string) => void logged.push(text ?? "");
  const plan: TestPlan = {
    connection: { ...server.connection, application_name: NAME },
    now: start + 8 * DAY,
  };
  const thread = (
    more: Partial<TestPlan> = {},
    options: { readonly afterJudging?: () => Promise<void>; readonly worker?: URL } = {},
  ) =>
    startEngineThread({
      plan: { ...plan, ...more },
      logger: { error: log, warn: log },
      gateLink: {
        onLive(listener) {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
      },
      afterJudging: async () => undefined,
      worker: new URL("./testing/slow-engine-worker.ts", import.meta.url),
      firstRestartMs: 20,
      ...options,
    });
  return {
    ...{ server, site, start, plan, logged, thread },
    store: (from: number, until: number) => storeTaps(server.pool, site, start, { from, until }),
    /** Tells of taps as the gate link does once they are stored. */
    tell(from: number, until: number) {
      const stored = handedTaps(site, start, from, until);
      for (const listener of listeners) listener({ type: "events", stored, events: () => [] });
    },
    /** Connections that threads have open. */
    async connections() {
      const { rows } = await server.pool.query<{ count: string }>(
        "select count(*) from pg_stat_activity where datname = current_database() and application_name = $1",
        [NAME],
      );
      return Number(rows[0]?.count);
    },
  };
}

test("the engine's thread finds what the engine finds, says how it stands, and ends with all that it opened", async () => {
  const { server, plan, thread, connections, logged } = await scene(ALL_TAPS);
  let looks = 0;
  const engine = thread({}, { afterJudging: async () => void looks++ });
  await engine.settle();
  expect(await raisedCards(server.pool)).toEqual({ cards: COPIED_CARDS, times: [1] });
  expect(looks).toBeGreaterThan(0);
  const own = makeDetectionEngine({
    db: server.db,
    clock: { now: () => Instant(plan.now) },
    logger: server.app.log,
    gateLink: { ...server.gateLink, onLive: () => () => undefined },
  });
  await own.settle();
  expect(engine.state()).toEqual(own.state());
  expect(engine.state().credentials).toBe(60);
  expect(await connections()).toBeGreaterThan(0);
  await engine.stop();
  await eventually("connections", async () => (await connections()) === 0);
  expect(logged).toEqual([]);
  await expect(engine.settle()).rejects.toMatchObject({ code: "unavailable" });
});

test("what is stored while the thread runs is judged once, as it was handed over or else as it is stored", async () => {
  const { server, start, thread, store, tell } = await scene(1_000);
  // Its clock stands where the taps begin: none of what comes is late.
  const engine = thread({ now: start });
  engine.start();
  await engine.settle();
  // Handed over alone: nothing of it is read.
  tell(1_001, 2_500);
  // Another process stores, of which nobody here hears; then the next are told, and some of them twice.
  await store(2_501, 3_000);
  await store(3_001, 3_300);
  tell(3_001, 3_300);
  await store(3_301, ALL_TAPS);
  tell(3_201, ALL_TAPS);
  await engine.settle();
  expect(await raisedCards(server.pool)).toEqual({ cards: COPIED_CARDS, times: [1] });
  const { rows } = await server.pool.query(
    "select what, count(*)::int as times from detection_note group by what",
  );
  expect(rows).toEqual([{ what: "raised", times: COPIED_CARDS.length }]);
  await engine.stop();
}, 120_000);

test("the thread as the server starts it judges what it is handed", async () => {
  const { server, thread, tell, connections, logged } = await scene(0, Instant(Date.now()));
  const engine = thread({}, { worker: new URL("./engine-worker.ts", import.meta.url) });
  engine.start();
  tell(1, ALL_TAPS);
  await engine.settle();
  expect(await raisedCards(server.pool)).toEqual({ cards: COPIED_CARDS, times: [1] });
  await engine.stop();
  await eventually("connections", async () => (await connections()) === 0);
  expect(logged).toEqual([]);
}, 120_000);

test("a thread that dies is started again, says so, and neither misses nor repeats a case", async () => {
  const { server, thread, store, tell, logged } = await scene(4_000);
  // Before anything was judged, among the first cases, and behind the last of what is stored.
  const dies = [3, 20, 45];
  const engine = thread({ dies, lives: new SharedArrayBuffer(4) });
  engine.start();
  await eventually("three deaths", () => engine.state().restarts === dies.length, PATIENCE_MS);
  await store(4_001, ALL_TAPS);
  // There is no thread yet that could be told: it reads what it missed.
  tell(4_001, ALL_TAPS);
  await eventually(
    "cases",
    async () => (await raisedCards(server.pool)).cards.length === COPIED_CARDS.length,
    PATIENCE_MS,
  );
  await engine.settle();
  expect(await raisedCards(server.pool)).toEqual({ cards: COPIED_CARDS, times: [1] });
  expect(engine.state().restarts).toBe(dies.length);
  expect(engine.state().restartedAt).toBeTypeOf("number");
  expect(engine.state().takenUntil).toBe(ALL_TAPS);
  expect(logged.filter((text) => text.includes("failed"))).toHaveLength(dies.length);
  await engine.stop();
}, 240_000);

test("whoever waits for a thread that dies is told", async () => {
  const { thread } = await scene(0);
  const engine = thread({ dies: [1], lives: new SharedArrayBuffer(4) });
  await expect(engine.settle()).rejects.toMatchObject({ code: "unavailable" });
  await engine.stop();
});

test("entries come out of their packing as they went in", async () => {
  const { site, start } = await scene(0);
  const [one] = handedTaps(site, start, 7, 7);
  const entries = [new Uint8Array([1, 2, 3]), new Uint8Array(), ...(one?.entries ?? [])];
  const stored = {
    firstPosition: 7,
    firstSequence: 3,
    gateId: GateId(site.gateId),
    receivedAt: Instant(start),
    entries,
  };
  expect(unpackEntries(packEntries(stored))).toEqual(stored);
});
