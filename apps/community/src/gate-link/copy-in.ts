import type { ClientBase, Connection, Submittable } from "pg";

// "PGCOPY\n\377\r\n\0", no flags, no header extension; the end is a field count of -1.
const HEADER = Buffer.from("5047434f50590aff0d0a000000000000000000", "hex");
const TRAILER = Buffer.from("ffff", "hex");

/** The part of pg's connection that speaks COPY; its types leave it out. */
interface CopyConnection {
  sendCopyFromChunk(chunk: Uint8Array): void;
  endCopyFrom(): void;
}

/**
 * One `COPY … FROM STDIN (FORMAT binary)` of rows that are in memory already.
 * pg calls the `handle…` methods as the answers of the server come.
 */
class CopyIn implements Submittable {
  readonly done: Promise<void>;
  readonly #sql: string;
  readonly #rows: readonly Uint8Array[];
  readonly #outcome = Promise.withResolvers<void>();
  #error: Error | undefined;

  constructor(sql: string, rows: readonly Uint8Array[]) {
    this.#sql = sql;
    this.#rows = rows;
    this.done = this.#outcome.promise;
  }

  submit(connection: Connection): void {
    connection.query(this.#sql);
  }

  handleCopyInResponse(connection: CopyConnection): void {
    connection.sendCopyFromChunk(HEADER);
    for (const chunk of this.#rows) connection.sendCopyFromChunk(chunk);
    connection.sendCopyFromChunk(TRAILER);
    connection.endCopyFrom();
  }

  handleError(error: Error): void {
    this.#error = error;
    this.#outcome.reject(error);
  }

  handleCommandComplete(): void {}

  handleReadyForQuery(): void {
    if (this.#error === undefined) this.#outcome.resolve();
  }
}

/** Copies binary rows into `target`, e.g. `event (a, b)`. */
export async function copyIn(client: ClientBase, target: string, rows: readonly Uint8Array[]): Promise<void> {
  await client.query(new CopyIn(`copy ${target} from stdin (format binary)`, rows)).done;
}
