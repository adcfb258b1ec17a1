import { Instant } from "@menshen/domain";
import type { Pool, PoolClient } from "pg";

/** Runs on one connection. A server that goes away fails the work, never the process. */
export async function withClient<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  // pg reports a lost connection as an event too, and an event without a listener ends the process.
  const onError = () => {};
  client.on("error", onError);
  try {
    const result = await work(client);
    client.off("error", onError);
    client.release();
    return result;
  } catch (error) {
    // The connection may be in any state: it is not used again. Its listener stays.
    client.release(true);
    throw error;
  }
}

/** All of `work` or nothing. If the connection is lost while committing, it throws although the work may stand. */
export async function transaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  return await withClient(pool, async (client) => {
    await client.query("begin");
    const result = await work(client);
    await client.query("commit");
    return result;
  });
}

export function instantOf(date: Date): Instant {
  return Instant(date.getTime());
}

export function optionalInstant(date: Date | null): Instant | undefined {
  return date === null ? undefined : instantOf(date);
}

export function dateOf(instant: Instant): Date {
  return new Date(instant);
}
