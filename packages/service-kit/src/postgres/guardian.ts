// Runs one PostgreSQL server for the process at the other end of standard input, and outlives it just long enough to
// stop the server in order: that end of file comes however the parent died. Started by launcher.ts only.
//
// Whatever is killed, and in which order, the next one finds its way:
// - the parent: we stop the server and go;
// - the server: we start it again;
// - this process: the parent starts another, which adopts the server that still runs;
// - parent and this process: the parent's next start does the same.

import { setTimeout as delay } from "node:timers/promises";
import { acquireStateLock, type StateLock } from "../state-lock.ts";
import {
  adoptPostmaster,
  dropMisleadingPidFile,
  endPostmaster,
  isPostmasterOf,
  type Postmaster,
  type PostmasterPlan,
  readPidFile,
  startPostmaster,
} from "./postmaster.ts";

/** What the parent is told, one line of JSON each. */
export type GuardianReport =
  | { readonly state: "ready"; readonly pid: number }
  | { readonly state: "down" }
  | { readonly state: "failed"; readonly why: string };

export interface GuardianPlan extends PostmasterPlan {
  /** Directory of the lock that guardians pass on. */
  readonly base: string;
}

const POLL_MS = 50;
const RETRY_MS = 150;
/** A predecessor stops its server for at most about this long. */
const LOCK_PATIENCE_MS = 40_000;
/** Recovery after a crash replays at most `max_wal_size`. */
const START_PATIENCE_MS = 120_000;

let parentGone = false;
const parentLeft = new Promise<void>((resolve) => {
  process.stdin
    .on("end", resolve)
    .on("close", resolve)
    .on("error", () => resolve());
}).then(() => {
  parentGone = true;
});
process.stdin.resume();
// Nobody reads any more: the end of standard input says so too.
process.stdout.on("error", () => {});
// A signal to the whole group (Ctrl-C, a closed terminal) is the parent's to act on.
for (const signal of ["SIGINT", "SIGHUP", "SIGTERM"] as const) process.on(signal, () => {});

const plan: GuardianPlan = JSON.parse(process.argv[2] ?? "");
process.exitCode = await guard();

function report(message: GuardianReport): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

async function guard(): Promise<number> {
  const lock = await waitForLock();
  if (lock === undefined) return 1;
  const deadline = Date.now() + START_PATIENCE_MS;
  let failedSince: number | undefined;
  while (!parentGone) {
    const postmaster = await adoptOrStart();
    const ready = await becomesReady(postmaster);
    if (parentGone) {
      await endPostmaster(postmaster, plan.data);
      break;
    }
    if (ready) {
      failedSince = undefined;
      report({ state: "ready", pid: postmaster.pid });
      await Promise.race([postmaster.gone, parentLeft]);
      if (parentGone) {
        await endPostmaster(postmaster, plan.data);
        break;
      }
      report({ state: "down" });
      continue;
    }
    failedSince ??= Date.now();
    if (Date.now() > Math.max(deadline, failedSince + START_PATIENCE_MS)) {
      report({ state: "failed", why: `the server does not start: see ${plan.log}` });
      return 1;
    }
    // Back ends of a killed server hold its memory until they notice.
    await delay(RETRY_MS);
  }
  lock.release();
  return 0;
}

async function waitForLock(): Promise<StateLock | undefined> {
  const deadline = Date.now() + LOCK_PATIENCE_MS;
  while (!parentGone) {
    try {
      return acquireStateLock(plan.base, "guardian");
    } catch (error) {
      if (Date.now() > deadline) {
        report({ state: "failed", why: error instanceof Error ? error.message : "cannot lock" });
        return undefined;
      }
    }
    await delay(POLL_MS);
  }
  return undefined;
}

async function adoptOrStart(): Promise<Postmaster> {
  const file = readPidFile(plan.data);
  if (file !== undefined && isPostmasterOf(file.pid, plan.data)) {
    const orphan = adoptPostmaster(file.pid, plan.data);
    // Its socket must be where the parent looks; one that is on its way down goes first.
    if (file.ready && file.socketDirectory === plan.socketDirectory) return orphan;
    await endPostmaster(orphan, plan.data);
  }
  dropMisleadingPidFile(plan.data);
  return startPostmaster(plan);
}

/** False: it ended before it served. */
async function becomesReady(postmaster: Postmaster): Promise<boolean> {
  let ended = false;
  void postmaster.gone.then(() => {
    ended = true;
  });
  while (!ended && !parentGone) {
    const file = readPidFile(plan.data);
    if (file?.pid === postmaster.pid && file.ready) return true;
    await Promise.race([delay(POLL_MS), postmaster.gone]);
  }
  return false;
}
