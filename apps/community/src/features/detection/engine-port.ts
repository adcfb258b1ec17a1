import type { MessagePort } from "node:worker_threads";
import type pg from "pg";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import { makeJournalReader } from "../../gate-link/index.ts";
import { type EngineNews, makeDetectionEngine } from "./engine.ts";
import type { EngineOrder, EngineReport } from "./engine-thread.ts";
import { unpackEntries } from "./packed-entries.ts";

/** The engine's side of its thread: starts it, does what comes through `port`, and ends all that it was given. */
export function serveEngine(dependencies: {
  readonly port: MessagePort;
  readonly db: Database;
  /** With the driver's own types. */
  readonly pool: pg.Pool;
  readonly clock: Clock;
}): void {
  const { port, db, pool, clock } = dependencies;
  const report = (message: EngineReport) => port.postMessage(message);
  let hear: (news: EngineNews) => void = () => undefined;
  const engine = makeDetectionEngine({
    db,
    clock,
    logger: { error: ({ error }, message) => report({ what: "error", error, message }) },
    gateLink: {
      ...makeJournalReader(pool),
      onLive(listener) {
        hear = listener;
        return () => undefined;
      },
    },
    afterJudging: async () => report({ what: "judged" }),
    caughtUp: (position, isReviewed) =>
      report({ what: "caught-up", position, ...(isReviewed ? { state: engine.state() } : {}) }),
  });

  async function end(): Promise<void> {
    await engine.stop();
    await db.destroy();
    await pool.end();
    // Nothing else keeps the thread.
    port.close();
  }

  port.on("message", (order: EngineOrder) => {
    switch (order.what) {
      case "stored":
        hear({ type: "events", stored: order.stored.map(unpackEntries) });
        return;
      case "nudge":
        engine.nudge();
        return;
      case "settle": {
        const { id } = order;
        engine.settle().then(
          () => report({ what: "settled", id, state: engine.state() }),
          (error: unknown) => report({ what: "not-settled", id, error }),
        );
        return;
      }
      case "stop":
        void end();
        return;
    }
  });
  engine.start();
}
