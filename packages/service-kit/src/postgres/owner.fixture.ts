// A process that owns a database, for tests that kill it: prints where the database is, then one line per commit.
//   node owner.fixture.ts STATE_DIRECTORY
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { makeLogger } from "../logger.ts";
import { acquireStateLock } from "../state-lock.ts";
import { startPostgres } from "./launcher.ts";

const [stateDirectory = ""] = process.argv.slice(2);
acquireStateLock(stateDirectory);
const server = await startPostgres({ stateDirectory, logger: makeLogger({ app: "fixture" }) });
const tell = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
const pool = new pg.Pool({ ...server.connection, max: 1 });
pool.on("error", () => {}); // the server is killed under it on purpose

let stopping = false;
process.on("SIGTERM", () => {
  stopping = true;
});

/** A killed server comes back; a row is told of only after its commit was acknowledged. */
async function retry<T>(run: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await run();
    } catch {
      await delay(20);
    }
  }
}

await retry(() => pool.query("create table if not exists fact (n bigint primary key)"));
const { rows } = await retry(() => pool.query("select coalesce(max(n), 0)::int as n from fact"));
tell({ ready: true, connection: server.connection, ...server.pids() });
for (let n = rows[0].n + 1; !stopping; n++) {
  await retry(() => pool.query("insert into fact values ($1) on conflict do nothing", [n]));
  tell({ committed: n, ...server.pids() });
  await delay(5);
}
await pool.end();
await server.stop();
tell({ stopped: true });
process.exit(0);
