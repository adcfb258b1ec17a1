import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";

/** Longest buffer that a trace keeps whole; more than a TLS record or a group of database pages. */
const LONGEST_BYTES = 1 << 20;
const ATTACH_MS = 20_000;

export interface Tracing {
  /** Lets the processes go on untraced, and returns the trace. */
  stop(): Promise<string>;
}

/** Direct children of a process, and theirs. */
export function descendantsOf(pid: number): readonly number[] {
  const parents = new Map<number, number>();
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      // The name in parentheses may hold anything, the parent's id is the second field after it.
      const fields = readFileSync(`/proc/${entry}/stat`, "latin1").split(") ").at(-1)?.split(" ");
      parents.set(Number(entry), Number(fields?.[1]));
    } catch {
      // It ended while we looked.
    }
  }
  const found = [pid];
  for (const parent of found) {
    for (const [child, itsParent] of parents) if (itsParent === parent) found.push(child);
  }
  return found.slice(1);
}

/**
 * Attaches strace to running processes with all their threads, and to whatever they start.
 *
 * @param file where the trace is written
 * @throws {Error} if strace is missing or may not attach: then nothing can be shown
 */
export async function traceProcesses(pids: readonly number[], file: string): Promise<Tracing> {
  const args = ["-f", "-ttt", "-xx", "-yy", "-s", String(LONGEST_BYTES), "-o", file];
  const calls = "fdatasync,fsync,write,writev,sendto,sendmsg,pwrite64,pwritev,read,recvfrom,recvmsg";
  const child = spawn("strace", [
    ...args,
    "-e",
    `trace=${calls}`,
    ...pids.flatMap((pid) => ["-p", `${pid}`]),
  ]);
  let said = "";
  const ended = new Promise<void>((resolve) => {
    child.on("exit", () => resolve());
    child.on("error", (error) => {
      said += error.message;
      resolve();
    });
  });
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  const deadline = performance.now() + ATTACH_MS;
  while (!pids.every((pid) => isTraced(pid))) {
    if (child.exitCode !== null || child.pid === undefined || performance.now() > deadline) {
      child.kill("SIGINT");
      throw new Error(
        "this test needs strace (Debian package strace) and the right to trace the processes that it starts " +
          `(root, or ptrace allowed for one's own processes); strace said: ${said.slice(0, 500)}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    async stop() {
      child.kill("SIGINT");
      await ended;
      return existsSync(file) ? readFileSync(file, "latin1") : "";
    },
  };
}

/** Whether every thread of the process has a tracer. */
function isTraced(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).every(
      (thread) => !/^TracerPid:\t0$/m.test(readFileSync(`/proc/${pid}/task/${thread}/status`, "latin1")),
    );
  } catch {
    return false;
  }
}
