// Preloaded into a child by node24.mjs: ends the child when its parent is gone, even after `kill -9`.
//
// The parent holds the other end of a socket pair and never writes to it. The kernel closes that end with the
// parent, whatever killed it, and we read the end of file. SIGTERM to ourselves then takes the same orderly
// way out as a supervisor's SIGTERM would.

import { Socket } from "node:net";
import { isMainThread } from "node:worker_threads";

/** A shutdown that hangs must not outlive its parent for ever. */
const GRACE_MS = 30_000;

/**
 * Starts to watch the life line named by `MENSHEN_LIFELINE_FD`; without that variable it does nothing.
 * The variable is removed, so that this process's own children do not take a stray descriptor for theirs.
 */
export function exitWithParent() {
  const fd = Number(process.env.MENSHEN_LIFELINE_FD);
  delete process.env.MENSHEN_LIFELINE_FD;
  if (!Number.isInteger(fd) || fd < 3) return;
  const lifeline = new Socket({ fd, readable: true, writable: false });
  let gone = false;
  const onGone = () => {
    if (gone) return;
    gone = true;
    process.kill(process.pid, "SIGTERM");
    setTimeout(() => process.exit(143), GRACE_MS).unref();
  };
  lifeline.on("end", onGone).on("close", onGone).on("error", onGone);
  lifeline.resume();
  lifeline.unref();
}

// Workers inherit `--import`; only the main thread may end the process.
if (isMainThread) exitWithParent();
