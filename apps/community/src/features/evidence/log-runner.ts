import type { EvidenceLog, LogAlarm, WitnessResult } from "@menshen/evidence/node";
import type { Logger } from "@menshen/service-kit";

/** A transaction that recorded leaves is rarely longer than this. */
const SOON_MS = 250;
/** How long it is looked often after leaves were recorded: a transaction may commit late. */
const BUSY_MS = 2_000;
/** What came otherwise, and witnesses that were silent, are found within this time. */
const IDLE_MS = 10_000;

/** Gives leaves their places in the log, and has the log witnessed, as long as it runs. */
export interface LogRunner {
  /** Leaves were recorded, in a transaction that may not be committed yet. */
  readonly nudge: () => void;
  /** Sequences and publishes all that waits, now. Failures are logged. */
  readonly settle: () => Promise<void>;
  /** Why no leaf is taken now. */
  readonly alarm: () => LogAlarm | undefined;
  /** What came of asking each witness last, by the name of its key. */
  readonly lastResults: () => ReadonlyMap<string, WitnessResult>;
  readonly stop: () => Promise<void>;
}

export function makeLogRunner(dependencies: {
  readonly log: Pick<EvidenceLog, "sequence" | "publish">;
  readonly logger: Logger;
  /** Records what came without a leaf of its own, before leaves get their places. */
  readonly collect: () => Promise<void>;
  /** A larger tree was published. */
  readonly onPublished?: (size: number) => Promise<void>;
}): LogRunner {
  const { log, logger, collect, onPublished } = dependencies;
  let alarm: LogAlarm | undefined;
  const results = new Map<string, WitnessResult>();
  let publishedSize = 0;
  let busyUntil = 0;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let running: Promise<void> | undefined;
  let publishing: Promise<void> | undefined;

  async function sequenceAll(): Promise<void> {
    await collect();
    for (;;) {
      const done = await log.sequence();
      if (done.outcome === "refused") {
        const say = done.alarm === "witnesses-silent" ? logger.warn : logger.error;
        if (alarm !== done.alarm) say({ finding: done.alarm }, "the evidence log takes no leaves");
        alarm = done.alarm;
        return;
      }
      alarm = undefined;
      if (!done.more || stopped) return;
    }
  }

  async function publishOnce(): Promise<void> {
    const done = await log.publish();
    for (const result of done.results) {
      const { name } = result.witness.key;
      if (result.trouble !== undefined && results.get(name)?.trouble !== result.trouble) {
        logger.warn({ what: name, finding: result.trouble }, "a witness did not cosign the evidence log");
      }
      results.set(name, result);
    }
    if (done.size !== undefined && done.size > publishedSize) {
      publishedSize = done.size;
      await onPublished?.(done.size);
    }
  }

  /** Witnesses may take seconds: leaves get their places meanwhile. */
  function publish(): Promise<void> {
    publishing ??= publishOnce()
      .catch((error: unknown) => logger.error({ error }, "the evidence log could not be published"))
      .finally(() => {
        publishing = undefined;
      });
    return publishing;
  }

  function sequence(): Promise<void> {
    running ??= sequenceAll()
      .catch((error: unknown) => logger.error({ error }, "leaves could not be put into the evidence log"))
      .finally(() => {
        running = undefined;
      });
    return running;
  }

  function plan(delayMs: number): void {
    clearTimeout(timer);
    if (stopped) return;
    timer = setTimeout(() => {
      void sequence().then(() => {
        void publish();
        plan(performance.now() < busyUntil ? SOON_MS : IDLE_MS);
      });
    }, delayMs);
  }
  plan(SOON_MS);

  return {
    nudge() {
      const wasIdle = performance.now() >= busyUntil;
      busyUntil = performance.now() + BUSY_MS;
      if (wasIdle) plan(SOON_MS);
    },
    async settle() {
      // What is under way may have looked before the leaves were there.
      await running;
      await sequence();
      await publishing;
      await publish();
    },
    alarm: () => alarm,
    lastResults: () => results,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
      await publishing;
    },
  };
}
