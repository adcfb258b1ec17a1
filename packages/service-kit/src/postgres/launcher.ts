import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ServiceError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { postgresBinaries } from "./binaries.ts";
import { prepareCluster, SUPERUSER } from "./cluster.ts";
import type { GuardianPlan, GuardianReport } from "./guardian.ts";
import { type PostgresHome, preparePostgresHome, SOCKET_PORT } from "./home.ts";

/** As `pg` takes it; `host` is the directory of the Unix socket. */
export interface PostgresConnection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

export interface PostgresServer {
  /** Stays the same when the server is restarted after a crash. */
  readonly connection: PostgresConnection;
  /** Of the running server and of its guardian; they change when one was killed. */
  readonly pids: () => { readonly postmaster: number | undefined; readonly guardian: number | undefined };
  /** Ends the server in order; close your connections first, or it cuts them. */
  readonly stop: () => Promise<void>;
}

const GUARDIAN = fileURLToPath(new URL("./guardian.ts", import.meta.url));
const RESTART_MS = 100;

/**
 * Starts the PostgreSQL of the npm package below `stateDirectory/postgres` and keeps it running: on a Unix socket
 * only, as an ordinary user (started by root: as an unused user of its own), with checksums and every commit synced.
 * It ends with this process, however that ends. The caller holds the lock of the state directory.
 *
 * @throws {ServiceError} `state-refused`, `database-failed`
 */
export async function startPostgres(options: {
  readonly stateDirectory: string;
  readonly logger: Logger;
}): Promise<PostgresServer> {
  const home = preparePostgresHome(options.stateDirectory);
  const binaries = postgresBinaries(home);
  const password = prepareCluster(home, binaries);
  const plan: GuardianPlan = {
    base: home.base,
    data: home.data,
    log: home.log,
    postgres: binaries.postgres,
    socketDirectory: home.socketDirectory,
    ...(home.user === undefined ? {} : { user: home.user }),
  };
  const guarded = await guard(plan, options.logger);
  return {
    connection: {
      host: home.socketDirectory,
      port: SOCKET_PORT,
      user: SUPERUSER,
      password,
      database: "postgres",
    },
    pids: guarded.pids,
    async stop() {
      await guarded.stop();
      removeTemporary(home);
    },
  };
}

/** Starts guardians, one after the other should one be killed; resolves when the server is ready for the first time. */
async function guard(plan: GuardianPlan, logger: Logger) {
  let stopping = false;
  let guardian: ChildProcess | undefined;
  let postmaster: number | undefined;
  const first = Promise.withResolvers<void>();

  const onReport = (message: GuardianReport) => {
    if (message.state === "ready") {
      postmaster = message.pid;
      logger.info({ pid: message.pid }, "database is ready");
      first.resolve();
    } else if (message.state === "down") {
      postmaster = undefined;
      logger.error({}, "database went down and is started again");
    } else {
      logger.error({}, "database does not start");
      first.reject(new ServiceError("database-failed", message.why));
    }
  };

  const ended = (async () => {
    while (!stopping) {
      guardian = startGuardian(plan, onReport);
      await new Promise<void>((resolve) => {
        guardian?.on("exit", () => resolve());
        guardian?.on("error", () => resolve());
      });
      if (stopping) return;
      logger.error({}, "the database's guardian ended and is started again");
      await delay(RESTART_MS);
    }
  })();
  const stop = async () => {
    stopping = true;
    guardian?.stdin?.end();
    await ended;
  };
  try {
    await first.promise;
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop, pids: () => ({ postmaster, guardian: guardian?.pid }) };
}

function startGuardian(plan: GuardianPlan, onReport: (message: GuardianReport) => void): ChildProcess {
  const log = openSync(plan.log, "a", 0o600);
  try {
    const child = spawn(process.execPath, [GUARDIAN, JSON.stringify(plan)], {
      stdio: ["pipe", "pipe", log],
      // In a group of its own: Ctrl-C in a terminal must not stop the server before us.
      detached: true,
    });
    child.stdin?.on("error", () => {});
    if (child.stdout !== null) {
      // The guardian is our own code: each line is a report.
      createInterface({ input: child.stdout }).on("line", (line) => onReport(JSON.parse(line)));
    }
    return child;
  } finally {
    closeSync(log);
  }
}

function removeTemporary(home: PostgresHome): void {
  if (home.socketDirectoryIsTemporary) rmSync(home.socketDirectory, { recursive: true, force: true });
}
