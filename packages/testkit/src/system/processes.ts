import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The repository's root folder. */
export const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));

/** Environment variable that marks every descendant of one test run. */
const RUN_ID = "MENSHEN_RUN_ID";

/**
 * Every live process that carries the run id in its environment, read from /proc, zombies left out. It finds
 * processes that lost their parent too, which a walk over parent ids would miss.
 */
export function processesOfRun(runId: string): { pid: number; command: string }[] {
  const found: { pid: number; command: string }[] = [];
  for (const entry of readdirSync("/proc")) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, "latin1");
      if (!environment.split("\0").includes(`${RUN_ID}=${runId}`)) continue;
      const command = readFileSync(`/proc/${pid}/cmdline`, "latin1").split("\0").join(" ").trim();
      // A zombie has no command line left; it holds no resource and its parent reaps it.
      if (command !== "") found.push({ pid, command });
    } catch {
      // It ended while we looked: not a live process.
    }
  }
  return found;
}

/**
 * Every live process that works in a folder or below it. The database's own children write their state over the
 * environment that they were started with, so that no run id is found there; their working folder is the data folder.
 */
export function processesIn(folder: string): number[] {
  return readdirSync("/proc").flatMap((entry) => {
    try {
      const workingFolder = readlinkSync(`/proc/${entry}/cwd`);
      return workingFolder === folder || workingFolder.startsWith(`${folder}/`) ? [Number(entry)] : [];
    } catch {
      // No process, not ours to look at, or it ended while we looked.
      return [];
    }
  });
}

export interface RunningProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Everything printed so far. */
  stdout(): string;
  stderr(): string;
  /** Resolves with the first match in standard output; rejects with the output's tail when the process ends first. */
  waitForOutput(pattern: RegExp, timeoutMs: number): Promise<RegExpMatchArray>;
  /** Resolves when the process has ended. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/**
 * Starts a program in a process group of its own, marked with the run id.
 *
 * @param options.runId mark that `processesOfRun` looks for
 * @param options.bare nothing of our own environment
 */
export function startProcess(
  command: string,
  args: readonly string[],
  options: {
    runId: string;
    env?: Record<string, string>;
    cwd?: string;
    uid?: number;
    gid?: number;
    bare?: boolean;
  },
): RunningProcess {
  const child = spawn(command, args, {
    cwd: options.cwd ?? ROOT,
    env: { ...(options.bare === true ? {} : process.env), ...options.env, [RUN_ID]: options.runId },
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
  });
  if (child.pid === undefined) throw new Error(`${command} did not start`);
  let stdout = "";
  let stderr = "";
  const listeners = new Set<() => void>();
  child.stdout?.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
    for (const listener of listeners) listener();
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.on("exit", (code, signal) => resolve({ code, signal }));
  });
  const tail = () => `standard output:\n${stdout.slice(-2_000)}\nstandard error:\n${stderr.slice(-4_000)}`;
  return {
    child,
    pid: child.pid,
    stdout: () => stdout,
    stderr: () => stderr,
    ended,
    waitForOutput(pattern, timeoutMs) {
      return new Promise((resolve, reject) => {
        const finish = (act: () => void) => {
          clearTimeout(timer);
          listeners.delete(look);
          act();
        };
        const look = () => {
          const match = stdout.match(pattern);
          if (match !== null) finish(() => resolve(match));
        };
        const timer = setTimeout(
          () => finish(() => reject(new Error(`no ${pattern} within ${timeoutMs} ms; ${tail()}`))),
          timeoutMs,
        );
        listeners.add(look);
        void ended.then(() => finish(() => reject(new Error(`ended before printing ${pattern}; ${tail()}`))));
        look();
      });
    },
  };
}

/** Asks again every 50 ms until `condition` holds; rejects with `what` when the time is over. */
export async function eventually(
  what: string,
  timeoutMs: number,
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Ends whatever a failed test left over. */
export function killRun(runId: string): void {
  for (const { pid } of processesOfRun(runId)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // Gone already.
    }
  }
}
