import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export type AppName = "community" | "gate" | "city";

/** How a child ended: its exit code, or `null` and the signal that killed it. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface AppProcess {
  readonly pid: number | undefined;
  /** Resolves when the process has ended and its output was read to the end; never rejects. */
  readonly ended: Promise<ProcessEnd>;
  /** Asks for an orderly stop; may be called again. */
  stop(): void;
  /** Ends it at once: for a process that did not stop in its time. */
  kill(): void;
  /** Lines of standard output, when it is piped. */
  onLine(listener: (line: string) => void): void;
  /** Lines of standard error, when it is piped. */
  onErrorLine(listener: (line: string) => void): void;
}

export interface SpawnOptions {
  readonly stdout: "inherit" | "pipe";
  /** A number is a file that is open for writing. */
  readonly stderr: "inherit" | "pipe" | number;
  readonly env?: Readonly<Record<string, string>>;
}

/** File descriptor under which a child holds the life line to us. */
const PARENT_FD = 3;

/** Starts an app of this repository under the Node that runs us. */
export function spawnApp(app: AppName, args: readonly string[], options: SpawnOptions): AppProcess {
  return spawnEntry(new URL(`../../../${app}/src/main.ts`, import.meta.url), args, options);
}

/**
 * Starts a TypeScript entry file as a child that cannot outlive us: it holds one end of a pipe and stops at its end of
 * file, which the kernel delivers even when we are killed. It leads a process group of its own, so that Ctrl-C reaches
 * us alone and the order of stopping stays ours.
 */
export function spawnEntry(entry: URL, args: readonly string[], options: SpawnOptions): AppProcess {
  const child = spawn(process.execPath, [fileURLToPath(entry), ...args], {
    stdio: ["ignore", options.stdout, options.stderr, "pipe"],
    env: { ...process.env, ...options.env, MENSHEN_PARENT_FD: String(PARENT_FD) },
    detached: true,
  });
  return {
    pid: child.pid,
    ended: endOf(child),
    stop: () => void child.kill("SIGTERM"),
    kill: () => void child.kill("SIGKILL"),
    onLine: (listener) => readLines(child.stdout, listener),
    onErrorLine: (listener) => readLines(child.stderr, listener),
  };
}

function readLines(stream: NodeJS.ReadableStream | null, listener: (line: string) => void): void {
  if (stream !== null) createInterface({ input: stream, crlfDelay: Infinity }).on("line", listener);
}

function endOf(child: ChildProcess): Promise<ProcessEnd> {
  return new Promise((resolve) => {
    child.on("close", (code, signal) => resolve({ code, signal }));
    child.on("error", () => resolve({ code: null, signal: null }));
  });
}
