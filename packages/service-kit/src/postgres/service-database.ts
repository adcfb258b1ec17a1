import pg from "pg";
import type { StopOrder } from "../lifecycle.ts";
import type { Logger } from "../logger.ts";
import { startPostgres } from "./launcher.ts";
import { migrate } from "./migrate.ts";

/**
 * The database of a service, brought up to date: the one that the operator named, or an embedded one below `stateDir` that
 * ends with the service.
 *
 * @param migrations folder of the SQL files
 */
export async function openServiceDatabase(options: {
  readonly database: { readonly url: string } | object;
  readonly stateDir: string;
  readonly migrations: string;
  readonly logger: Logger;
  readonly stopOrder: StopOrder;
}): Promise<pg.PoolConfig> {
  const { database, stateDir, migrations, logger, stopOrder } = options;
  const connection = await connect();
  const client = new pg.Client(connection);
  await client.connect();
  try {
    const applied = await migrate(client, migrations);
    if (applied.length > 0) logger.info({ count: applied.length }, "database brought up to date");
  } finally {
    await client.end();
  }
  return connection;

  async function connect(): Promise<pg.PoolConfig> {
    if ("url" in database) return { connectionString: database.url };
    const server = await startPostgres({ stateDirectory: stateDir, logger });
    stopOrder.add("database", () => server.stop());
    return { ...server.connection };
  }
}
