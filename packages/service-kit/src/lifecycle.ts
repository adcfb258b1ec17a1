import { Socket } from "node:net";
import type { Logger } from "./logger.ts";

/** Why a process should stop. */
export type StopCause = "SIGTERM" | "SIGINT" | "SIGHUP" | "parent-gone";

const SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

/** A stop that hangs must not keep a supervisor waiting for ever. */
const DEFAULT_GRACE_MS = 20_000;

/** Tells the parent that this process serves: one line of JSON on standard output. */
export function announceReady(facts: Readonly<Record<string, string | number | boolean>>): void {
  process.stdout.write(`${JSON.stringify({ ready: true, ...facts })}\n`);
}

/**
 * Calls `onGone` once when the pipe that the parent holds ends, even after `kill -9`. The descriptor's number is in
 * `MENSHEN_PARENT_FD`; without it nothing is watched. The variable is removed, so that children do not take a stray
 * descriptor for theirs.
 */
export function stopWithParent(onGone: () => void): void {
  const fd = Number(process.env.MENSHEN_PARENT_FD);
  delete process.env.MENSHEN_PARENT_FD;
  if (!Number.isInteger(fd) || fd < 3) return;
  const pipe = new Socket({ fd, readable: true, writable: false });
  let gone = false;
  const once = () => {
    if (gone) return;
    gone = true;
    onGone();
  };
  pipe.on("end", once).on("close", once).on("error", once);
  pipe.resume();
  // Watching must not keep a process alive that has nothing else to do.
  pipe.unref();
}

/** Resolves at the first reason to stop; later signals are ignored, so that Ctrl-C twice does not cut a stop short. */
export function untilStopped(): Promise<StopCause> {
  return new Promise((resolve) => {
    for (const signal of SIGNALS) process.on(signal, () => resolve(signal));
    stopWithParent(() => resolve("parent-gone"));
  });
}

/** What must be undone, in reverse order of its start. */
export interface StopOrder {
  /** Call right after something started. */
  readonly add: (step: string, stop: () => Promise<void> | void) => void;
  /** Stops all, the last added first. A step that fails is logged and the others go on; never throws. */
  readonly stopAll: () => Promise<void>;
}

export function makeStopOrder(logger: Logger): StopOrder {
  const steps: { readonly step: string; readonly stop: () => Promise<void> | void }[] = [];
  return {
    add: (step, stop) => steps.push({ step, stop }),
    async stopAll() {
      for (let last = steps.pop(); last !== undefined; last = steps.pop()) {
        try {
          await last.stop();
        } catch (error) {
          logger.error({ step: last.step, error }, "could not stop in order");
        }
      }
    },
  };
}

/**
 * The life of a server process: starts, waits for a reason to stop, stops in order and ends the process. A start that
 * fails prints its reason to standard error and exits with `exitCode(error)`.
 */
export async function runService(options: {
  readonly logger: Logger;
  readonly start: (stopOrder: StopOrder) => Promise<void>;
  readonly exitCode: (error: unknown) => number;
  readonly graceMs?: number;
}): Promise<never> {
  const stopOrder = makeStopOrder(options.logger);
  // Asked for before the start: a signal in the middle of it is not lost.
  const stopped = untilStopped();
  let code = 0;
  try {
    const cause = await Promise.race([options.start(stopOrder).then(() => stopped), stopped]);
    options.logger.info({ signal: cause }, "stopping");
  } catch (error) {
    code = options.exitCode(error);
    options.logger.error({ error }, "cannot start");
    process.stderr.write(`${error instanceof Error ? error.message : "cannot start"}\n`);
  }
  const watchdog = setTimeout(() => process.exit(code === 0 ? 1 : code), options.graceMs ?? DEFAULT_GRACE_MS);
  await stopOrder.stopAll();
  clearTimeout(watchdog);
  process.exit(code);
}
