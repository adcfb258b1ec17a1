import type { Logger, StopOrder } from "@menshen/service-kit";
import type { GateEntry } from "@menshen/wire";
import type { ClockSource } from "./clock/clock-source.ts";
import type { GateClock } from "./clock/gate-clock.ts";
import type { Findings } from "./findings.ts";
import type { openGateStore } from "./gate-store.ts";
import type { GateWatch } from "./gate-watch.ts";
import type { Journal } from "./store/journal.ts";

export interface GateUpkeepOptions {
  readonly source: ClockSource;
  readonly clock: GateClock;
  readonly store: Pick<Awaited<ReturnType<typeof openGateStore>>, "journal" | "state">;
  readonly journal: Pick<Journal, "forget">;
  readonly findings: Findings;
  readonly watch: GateWatch;
  readonly recordGate: (body: GateEntry["body"]) => void;
  /** What else is looked at each minute. */
  readonly everyMinute: () => void;
  readonly logger: Logger;
}

const TICK_MS = 60_000;
const SAVE_CLOCK_EVERY_TICKS = 60;
const SELF_TEST_EVERY_TICKS = 24 * 60;

/**
 * What a gate does by itself: each minute it looks at clock and findings, each hour it saves the clock, each day and at its
 * start it tests itself. Resolves when databases that had to be set aside were told; ends with `stopOrder`.
 */
export async function startGateUpkeep(options: GateUpkeepOptions, stopOrder: StopOrder): Promise<void> {
  const { source, clock, store, findings, watch, recordGate, logger } = options;
  let stopped = false;
  let saving = false;

  /** One at a time: a disk that is slow must not get a queue of these before its entries. */
  async function saveClock(): Promise<void> {
    if (saving) return;
    saving = true;
    try {
      await store.journal.remote.saveClock(clock.saved());
      await noteSetAside();
    } catch {
      // The journal tells when the disk fails; without it the clock starts wider after a power-off.
    } finally {
      saving = false;
    }
  }

  function runSelfTest(): void {
    watch.selfTest().catch((fault: unknown) => {
      if (!stopped) logger.error({ error: fault }, "the self-test could not be finished");
    });
  }

  let ticks = 0;
  const tick = (): void => {
    if (stopped) return;
    ticks += 1;
    const stepMs = clock.takeStepMs();
    if (stepMs !== undefined) {
      logger.warn({ durationMs: stepMs }, "the system clock was stepped; the gate does not follow");
      findings.raise("clock-stepped");
      recordGate({ event: "clock-stepped", stepMs });
    }
    watch.review();
    options.everyMinute();
    options.journal.forget();
    if (ticks % SAVE_CLOCK_EVERY_TICKS === 0) void saveClock();
    if (ticks % SELF_TEST_EVERY_TICKS === 0) runSelfTest();
    cancelTick = source.schedule(clock.monotonicMs() + TICK_MS, tick);
  };
  let cancelTick = source.schedule(clock.monotonicMs() + TICK_MS, tick);
  stopOrder.add("watch", () => {
    stopped = true;
    cancelTick();
  });

  /** Damaged databases that were set aside since the last look. */
  async function noteSetAside(): Promise<void> {
    const [journalAside, stateAside] = await Promise.all([
      store.journal.remote.takeSetAside(),
      store.state.remote.takeSetAside(),
    ]);
    if (journalAside !== undefined) {
      logger.error(
        { what: journalAside.fileName, count: journalAside.entries },
        "a damaged journal was set aside",
      );
      findings.raise("journal-set-aside");
      recordGate({ event: "journal-degraded", cause: "journal-set-aside" });
    }
    if (stateAside !== undefined) {
      logger.error({ what: stateAside }, "a damaged state database was set aside");
      findings.raise("state-set-aside");
      recordGate({ event: "journal-degraded", cause: "state-set-aside" });
    }
  }

  await noteSetAside().catch(() => undefined);
  // The whole journal is read: a gate that has a million entries decides meanwhile.
  runSelfTest();
}
