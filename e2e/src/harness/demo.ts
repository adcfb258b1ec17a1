import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import {
  eventually,
  makeServerFolders,
  ROOT,
  type RunningProcess,
  startProcess,
} from "@menshen/testkit/system";
import { inject } from "vitest";

export interface RunningDemo {
  readonly process: RunningProcess;
  readonly console: string;
  readonly signInLink: string;
  /** Pages of its city. */
  readonly city: string;
  readonly citySignInLink: string;
}

interface DemoOptions {
  readonly runId: string;
  readonly stateDir: string;
  /** Passages in a minute; 60 by default. */
  readonly pace?: number;
  /** It ran in this folder before and ended. */
  readonly isAgain?: boolean;
}

const SEEDED_MS = 150_000;

/**
 * Starts the demonstration as `npm start` does after its installation. Its community is seeded once in a run of tests: each
 * gets a copy of it as it stood after that. Files of tests that run beside the one that seeds wait for it.
 */
export async function startDemo(options: DemoOptions): Promise<RunningDemo> {
  if (options.isAgain === true) return start(options);
  const folder = inject("seededDemo");
  const seeded = join(folder, "ready");
  if (isFirst(join(folder, "begun"))) {
    const draft = join(folder, "draft");
    // The database's own user must be able to pass.
    chmodSync(folder, 0o711);
    makeServerFolders(draft);
    const first = await start({ ...options, stateDir: draft, pace: 1 });
    first.process.child.kill("SIGTERM");
    await first.process.ended;
    // The database remembers where it stands; a copy stands elsewhere.
    for (const server of ["community", "city"]) rmSync(join(draft, server, "postgres/location"));
    renameSync(draft, seeded);
  }
  await eventually("a demonstration is seeded", SEEDED_MS, () => existsSync(seeded));
  // With owners and modes: the database has a user of its own.
  execFileSync("cp", ["-a", `${seeded}/.`, options.stateDir]);
  return start(options);
}

/** Whether nobody made this folder before; one maker is first also among those who come at the same moment. */
function isFirst(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

async function start({ pace = 60, runId, stateDir }: DemoOptions): Promise<RunningDemo> {
  const process = startProcess(
    join(ROOT, "apps/cli/bin/menshen.js"),
    // Two that start at the same moment would both find the usual ports free.
    ["demo", "--state", stateDir, "--pace", String(pace), "--any-ports", "--without-custodians", "--json"],
    { runId },
  );
  const [line] = await process.waitForOutput(/^\{.*"console".*\}$/m, 240_000);
  const facts = JSON.parse(line) as Omit<RunningDemo, "process">;
  return { process, ...facts };
}
