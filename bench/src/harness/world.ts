import { randomUUID } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeLogger } from "@menshen/service-kit";
import { type PostgresServer, startPostgres } from "@menshen/service-kit/postgres";
import { type Api, type CommunityServer, killRun, signIn, startCommunity } from "@menshen/testkit/system";

const CALLED_OFF = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** A community server on a PostgreSQL of its own, signed in; everything below one folder that goes at the end. */
export interface World {
  readonly runId: string;
  readonly stateDir: string;
  readonly postgres: PostgresServer;
  readonly server: CommunityServer;
  readonly api: Api;
  /** A new folder of the world. */
  folder(name: string): string;
}

/** Runs `work` in a fresh world, and leaves no process and no file behind, whatever happens. */
export async function inWorld<T>(work: (world: World) => Promise<T>): Promise<T> {
  const runId = randomUUID();
  const stateDir = mkdtempSync(join(tmpdir(), "menshen-bench-"));
  // The database's own user must be able to pass, or its data would be kept elsewhere and stay behind.
  chmodSync(stateDir, 0o711);
  const folder = (name: string) => {
    const path = join(stateDir, name);
    mkdirSync(path);
    return path;
  };
  let postgres: PostgresServer | undefined;
  const leaveNothing = async () => {
    killRun(runId);
    await postgres?.stop();
    rmSync(stateDir, { recursive: true, force: true });
  };
  // Gates have no line to us that would break: called off, the run ends them too, and then itself by the same signal.
  const callOff = (signal: NodeJS.Signals) =>
    void leaveNothing().finally(() => process.kill(process.pid, signal));
  for (const signal of CALLED_OFF) process.once(signal, callOff);
  try {
    // Ours, not the server's own embedded one: the rival needs a connection to the very same database.
    postgres = await startPostgres({
      stateDirectory: folder("database"),
      logger: makeLogger({ app: "bench", level: "error" }),
    });
    const { host, port, user, password, database } = postgres.connection;
    const query = new URLSearchParams({ host, port: String(port) });
    const databaseUrl = `postgres://${user}:${encodeURIComponent(password)}@localhost/${database}?${query}`;
    const server = await startCommunity({ runId, stateDir, databaseUrl });
    const api = await signIn(server.signInLink);
    const result = await work({ runId, stateDir, postgres, server, api, folder });
    server.process.child.kill("SIGTERM");
    await server.process.ended;
    return result;
  } finally {
    for (const signal of CALLED_OFF) process.off(signal, callOff);
    await leaveNothing();
  }
}
