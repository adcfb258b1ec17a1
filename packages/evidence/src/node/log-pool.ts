/** A row as the driver gives it. Columns are read through {@link numberIn} and its like, so any type parsers serve. */
export type LogRow = Readonly<Record<string, unknown>>;

/** What is needed of a connection; those of the npm package `pg` fit. */
export interface LogConnection {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: LogRow[] }>;
}

/** One connection of a pool, taken until it is released. */
export interface LogClient extends LogConnection {
  /** `true`: the connection may be in any state and is not used again. */
  release(destroy?: boolean): void;
  on(event: "error", listener: (error: Error) => void): unknown;
  off(event: "error", listener: (error: Error) => void): unknown;
}

/** What is needed of a pool; `pg.Pool` fits. */
export interface LogPool extends LogConnection {
  connect(): Promise<LogClient>;
}

/** Thrown inside this folder only: the work was done, and whether its commit stands nobody can say from here. */
export class CommitUnknown extends Error {
  constructor(cause: unknown) {
    super("the connection was lost while committing", { cause });
    this.name = "CommitUnknown";
  }
}

/**
 * Runs `work` in a transaction: all of it stands or nothing. Faults of the pool pass through.
 *
 * @throws {CommitUnknown} when the commit was sent and no answer came
 */
export async function inTransaction<T>(
  pool: LogPool,
  work: (client: LogConnection) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  // A lost connection is an event too, and an event without a listener ends the process.
  const onError = () => {};
  client.on("error", onError);
  try {
    await client.query("begin");
    const result = await work(client);
    await client.query("commit").catch((cause: unknown) => {
      throw new CommitUnknown(cause);
    });
    client.off("error", onError);
    client.release();
    return result;
  } catch (error) {
    // Its listener stays. Closing the connection rolls back whatever is open.
    client.release(true);
    throw error;
  }
}

/** A number below 2^53 in a column, whether the driver reads `bigint` as text or as number. */
export function numberIn(row: LogRow, column: string): number {
  const value = Number(row[column]);
  if (!Number.isSafeInteger(value)) throw new TypeError(`column ${column}: expected a whole number`);
  return value;
}

/** The bytes of a column: a copy that shares no memory with the driver. */
export function bytesIn(row: LogRow, column: string): Uint8Array {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw new TypeError(`column ${column}: expected bytes`);
  return Uint8Array.from(value);
}

/** The text of a column. */
export function textIn(row: LogRow, column: string): string {
  const value = row[column];
  if (typeof value !== "string") throw new TypeError(`column ${column}: expected text`);
  return value;
}
