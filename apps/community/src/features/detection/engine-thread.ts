import { setTimeout as delay } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import type { Logger } from "@menshen/service-kit";
import type pg from "pg";
import { type Clock, systemClock } from "../../clock.ts";
import { CommunityError } from "../../errors.ts";
import type { GateLink } from "../../gate-link/index.ts";
import { type DetectionEngine, type EngineState, MOST_HANDED } from "./engine.ts";
import { type PackedEntries, packEntries } from "./packed-entries.ts";

/** What the thread needs to find everything itself. */
export interface EnginePlan {
  readonly connection: pg.PoolConfig;
}

export type EngineOrder =
  | { readonly what: "stored"; readonly stored: readonly PackedEntries[] }
  | { readonly what: "nudge" }
  | { readonly what: "settle"; readonly id: number }
  | { readonly what: "stop" };

export type EngineReport =
  /** Everything up to `position` was taken. `state`: with what gates said, too, so it is worth telling anew. */
  | { readonly what: "caught-up"; readonly position: number; readonly state?: EngineState }
  /** There may be new cases. */
  | { readonly what: "judged" }
  | { readonly what: "settled"; readonly id: number; readonly state: EngineState }
  | { readonly what: "not-settled"; readonly id: number; readonly error: unknown }
  | { readonly what: "error"; readonly error: unknown; readonly message: string };

const WORKER = new URL("./engine-worker.ts", import.meta.url);
/** It has a page to finish and connections to close. */
const STOP_MS = 10_000;
const FIRST_RESTART_MS = 1_000;
const LAST_RESTART_MS = 60_000;

const NOTHING: EngineState = {
  judgedUntil: undefined,
  waitingFor: [],
  credentials: 0,
  stateBytes: 0,
  tooLate: 0,
  gates: [],
  restarts: 0,
  takenUntil: undefined,
};

/**
 * The engine in a thread of its own, with its own connections to the database: judging a morning's taps must not hold up doors.
 *
 * What was stored is handed to it as it was signed; what it has no room for it reads from the database. A thread that ends by
 * itself is started again and judges anew, as after a restart of the server: nothing of it is on any disk.
 */
export function startEngineThread(options: {
  readonly plan: EnginePlan;
  readonly logger: Pick<Logger, "error" | "warn">;
  readonly gateLink: Pick<GateLink, "onLive">;
  readonly afterJudging: () => Promise<void>;
  readonly clock?: Clock;
  /** For tests. */
  readonly worker?: URL;
  readonly firstRestartMs?: number;
}): DetectionEngine {
  const { plan, logger, gateLink, afterJudging, worker: file = WORKER } = options;
  const { firstRestartMs = FIRST_RESTART_MS, clock = systemClock } = options;
  const settling = new Map<number, PromiseWithResolvers<void>>();
  let lastId = 0;
  let worker: Worker | undefined;
  let restarting: ReturnType<typeof setTimeout> | undefined;
  let restartMs = firstRestartMs;
  let restarts = 0;
  let restartedAt: number | undefined;
  /** Whether the present thread has been through everything that was stored. */
  let isThrough = false;
  let state = NOTHING;
  /** Last position that was handed over, and up to which it is known to have taken all. */
  let handedUntil = 0;
  let takenUntil = 0;
  let isStopped = false;
  let isLooking = false;
  let isLookWanted = false;
  let looking = Promise.resolve();
  let unsubscribe: (() => void) | undefined;

  function started(): Worker {
    if (worker !== undefined) return worker;
    clearTimeout(restarting);
    const fresh = new Worker(file, { workerData: plan });
    // Where it begins it says itself; until then nothing is known of how much waits.
    takenUntil = handedUntil;
    isThrough = false;
    fresh.on("message", take);
    fresh.on("error", (error) => logger.error({ error }, "the detection engine failed and is started again"));
    fresh.on("exit", () => {
      if (worker !== fresh) return;
      worker = undefined;
      for (const { reject } of settling.values()) {
        reject(new CommunityError("unavailable", "the detection engine ended"));
      }
      settling.clear();
      if (!isStopped) startAgain();
    });
    worker = fresh;
    return fresh;
  }

  function startAgain(): void {
    restarts += 1;
    restartedAt = clock.now();
    isThrough = false;
    logger.warn({ count: restarts, durationMs: restartMs }, "the detection engine is started again");
    restarting = setTimeout(() => {
      tell({ what: "nudge" });
    }, restartMs);
    restartMs = Math.min(LAST_RESTART_MS, restartMs * 2);
  }

  function take(report: EngineReport): void {
    switch (report.what) {
      case "caught-up":
        takenUntil = Math.max(takenUntil, report.position);
        isThrough = true;
        // It has been through everything since its start: the next failure is another one.
        restartMs = firstRestartMs;
        if (report.state !== undefined) state = report.state;
        return;
      case "judged":
        look();
        return;
      case "settled": {
        ({ state } = report);
        const order = settling.get(report.id);
        settling.delete(report.id);
        looking = looking.then(afterJudging);
        looking.then(() => order?.resolve()).catch((error: unknown) => order?.reject(error));
        looking = looking.catch(() => undefined);
        return;
      }
      case "not-settled": {
        const order = settling.get(report.id);
        settling.delete(report.id);
        order?.reject(new CommunityError("internal", "events could not be judged", { cause: report.error }));
        return;
      }
      case "error":
        logger.error({ error: report.error }, report.message);
        return;
    }
  }

  /** One after the other; asked while it looks, once more. */
  function look(): void {
    isLookWanted = true;
    if (isLooking) return;
    isLooking = true;
    looking = looking
      .then(async () => {
        while (isLookWanted && !isStopped) {
          isLookWanted = false;
          await afterJudging();
        }
      })
      .catch((error: unknown) => {
        logger.error({ error }, "the cases that stand could not be looked at; it is tried again");
      })
      .finally(() => {
        isLooking = false;
      });
  }

  function tell(order: EngineOrder, transfer: readonly ArrayBuffer[] = []): void {
    if (isStopped && order.what !== "stop") return;
    started().postMessage(order, transfer);
  }

  return {
    start() {
      unsubscribe = gateLink.onLive((message) => {
        // Nobody hands anything to a thread that is about to be started again: it reads what it missed.
        if (worker === undefined) return;
        if (message.type === "gate") {
          tell({ what: "nudge" });
          return;
        }
        const last = message.stored.at(-1);
        if (last === undefined) return;
        const until = last.firstPosition + last.entries.length - 1;
        if (until - takenUntil > MOST_HANDED) {
          tell({ what: "nudge" });
          return;
        }
        handedUntil = until;
        const stored = message.stored.map(packEntries);
        tell(
          { what: "stored", stored },
          stored.flatMap(({ bytes, ends }) => [bytes.buffer, ends.buffer]),
        );
      });
      tell({ what: "nudge" });
    },
    nudge: () => tell({ what: "nudge" }),
    async settle() {
      if (isStopped) throw new CommunityError("unavailable", "the detection engine was stopped");
      lastId += 1;
      const order = Promise.withResolvers<void>();
      settling.set(lastId, order);
      tell({ what: "settle", id: lastId });
      await order.promise;
    },
    state: () => ({
      ...state,
      restarts,
      ...(restartedAt === undefined ? {} : { restartedAt }),
      takenUntil: isThrough ? takenUntil : undefined,
    }),
    async stop() {
      unsubscribe?.();
      clearTimeout(restarting);
      isStopped = true;
      const last = worker;
      if (last !== undefined) {
        const ended = new Promise((resolve) => last.once("exit", resolve));
        tell({ what: "stop" });
        const late = new AbortController();
        await Promise.race([ended, delay(STOP_MS, undefined, { signal: late.signal, ref: false })]);
        late.abort();
        await last.terminate();
      }
      await looking;
    },
  };
}
