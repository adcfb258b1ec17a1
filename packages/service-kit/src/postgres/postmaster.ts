import { spawn } from "node:child_process";
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type DatabaseUser, SOCKET_PORT } from "./home.ts";

const POLL_MS = 50;
const MAX_LOG_BYTES = 4 * 1024 * 1024;

/** What the guardian needs to run one server. */
export interface PostmasterPlan {
  readonly postgres: string;
  readonly data: string;
  readonly log: string;
  readonly socketDirectory: string;
  readonly user?: DatabaseUser;
}

/** A running server, our child or one that outlived its guardian. */
export interface Postmaster {
  readonly pid: number;
  readonly gone: Promise<void>;
}

/** `data/postmaster.pid`, as PostgreSQL writes it line by line. */
export interface PidFile {
  readonly pid: number;
  readonly socketDirectory: string;
  readonly ready: boolean;
}

export function readPidFile(data: string): PidFile | undefined {
  try {
    const lines = readFileSync(join(data, "postmaster.pid"), "utf8").split("\n");
    const pid = Number(lines[0]);
    if (!Number.isInteger(pid) || pid <= 1) return undefined;
    return { pid, socketDirectory: lines[4] ?? "", ready: lines[7]?.trim() === "ready" };
  } catch {
    return undefined; // no server, or one that is just coming or going
  }
}

/** Whether `pid` now is the server of this data directory: numbers are used again by other processes. */
export function isPostmasterOf(pid: number, data: string): boolean {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    return words.includes(data) && (words[0] ?? "").endsWith("postgres");
  } catch {
    return false;
  }
}

/** Servers and their back ends stand in their data directory; those of a killed server may live on for a moment. */
export function processesIn(data: string): readonly number[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`) === data;
      } catch {
        return false;
      }
    });
}

/**
 * A pid file whose number now belongs to another process of this user would keep PostgreSQL from starting for ever.
 * It goes only when no process at all stands in the data directory.
 */
export function dropMisleadingPidFile(data: string): void {
  const file = readPidFile(data);
  if (file === undefined || isPostmasterOf(file.pid, data) || processesIn(data).length > 0) return;
  rmSync(join(data, "postmaster.pid"), { force: true });
}

/** Starts a server as our child; resolves at once. */
export function startPostmaster(plan: PostmasterPlan): Postmaster {
  const log = openSync(plan.log, logFlags(plan.log), 0o600);
  try {
    const child = spawn(
      plan.postgres,
      [
        "-D",
        plan.data,
        ...Object.entries(settings(plan)).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
      ],
      { stdio: ["ignore", log, log], env: environment(), ...plan.user },
    );
    const gone = new Promise<void>((resolve) => {
      child.on("exit", () => resolve());
      child.on("error", () => resolve());
    });
    return { pid: child.pid ?? 0, gone };
  } finally {
    closeSync(log);
  }
}

/** A server that lost its guardian and still serves. */
export function adoptPostmaster(pid: number, data: string): Postmaster {
  const gone = (async () => {
    while (isPostmasterOf(pid, data)) await delay(POLL_MS);
  })();
  return { pid, gone };
}

/** Ends a server: first as its clients like it, then ever less politely. Committed data are safe in each case. */
export async function endPostmaster(postmaster: Postmaster, data: string): Promise<void> {
  const steps: readonly (readonly [NodeJS.Signals, number])[] = [
    ["SIGTERM", 1_500], // smart: waits for clients
    ["SIGINT", 15_000], // fast: aborts their transactions
    ["SIGQUIT", 5_000], // immediate: recovers at the next start
    ["SIGKILL", 5_000],
  ];
  for (const [signal, patienceMs] of steps) {
    if (!isPostmasterOf(postmaster.pid, data)) break;
    try {
      process.kill(postmaster.pid, signal);
    } catch {
      break; // it went by itself
    }
    const patience = new AbortController();
    const gone = postmaster.gone.then(() => true);
    const ended = await Promise.race([
      gone,
      delay(patienceMs, false, { signal: patience.signal }).catch(() => false),
    ]);
    patience.abort();
    if (ended) return;
  }
}

function settings(plan: PostmasterPlan): Readonly<Record<string, string>> {
  return {
    listen_addresses: "",
    port: String(SOCKET_PORT),
    unix_socket_directories: plan.socketDirectory,
    unix_socket_permissions: "0700",
    fsync: "on",
    full_page_writes: "on",
    synchronous_commit: "on",
    password_encryption: "scram-sha-256",
    max_connections: "60",
    shared_buffers: "128MB",
    max_wal_size: "1GB",
    timezone: "UTC",
    // Statements and details quote values, and values may be personal.
    log_min_error_statement: "panic",
    log_error_verbosity: "terse",
    log_min_messages: "warning",
  };
}

function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(PG|NODE_|LC_|LANG)/.test(name));
  return { ...Object.fromEntries(kept), LC_ALL: "C" };
}

/** The log starts anew at a start when it has grown. */
function logFlags(log: string): "a" | "w" {
  const sizeBytes = statSync(log, { throwIfNoEntry: false })?.size ?? 0;
  return sizeBytes > MAX_LOG_BYTES ? "w" : "a";
}
