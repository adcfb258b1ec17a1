import { cpSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { makeLogger } from "@menshen/service-kit";
import { startPostgres } from "@menshen/service-kit/postgres";
import { type AccessEntry, decodeJournalEntry } from "@menshen/wire";
import pg from "pg";

type Row = Readonly<Record<string, unknown>>;

/** All that somebody has who took the server whole: its database, its files, what it printed, what it hands out. */
export interface Loot {
  /** Rows of every table, by `schema.table`. */
  readonly tables: ReadonlyMap<string, readonly Row[]>;
  /** Files of the state directory beside the database's own, by name. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Standard output and error. */
  readonly logs: string;
  /** Paths of copies of the database's own files: its pages, its write-ahead log. */
  readonly disk: readonly string[];
  /** Entries about somebody, in the order of storing. */
  readonly entries: readonly LootedEntry[];
}

export interface LootedEntry {
  readonly name: string;
  readonly at: number;
  readonly receivedAt: number;
  readonly body: AccessEntry["body"];
}

/** Keys are a few dozen bytes; whatever is larger is no key file. */
const MAX_FILE_BYTES = 1_000_000;
const DATABASE = "postgres";

/**
 * Takes everything from a server that was stopped.
 *
 * @param options.copyTo a folder that is not there yet, for the database's files
 */
export async function takeLoot(options: {
  readonly stateDirectory: string;
  readonly copyTo: string;
  readonly logs: string;
}): Promise<Loot> {
  const { stateDirectory, copyTo, logs } = options;
  cpSync(join(stateDirectory, DATABASE), copyTo, { recursive: true });
  const postgres = await startPostgres({
    stateDirectory,
    logger: makeLogger({ app: "e2e", level: "error" }),
  });
  const client = new pg.Client({ ...postgres.connection });
  await client.connect();
  try {
    const tables = new Map<string, readonly Row[]>();
    const { rows: names } = await client.query<{ schema: string; name: string }>(
      `select table_schema as schema, table_name as name from information_schema.tables
       where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
    );
    for (const { schema, name } of names) {
      const { rows } = await client.query<Row>(`select * from "${schema}"."${name}"`);
      tables.set(`${schema}.${name}`, rows);
    }
    const { rows: events } = await client.query<{
      gate_id: string;
      sequence: string;
      at: Date;
      received_at: Date;
      entry: Buffer;
    }>("select gate_id, sequence, at, received_at, entry from event where kind = 1 order by position");
    const entries = events.flatMap((row): LootedEntry[] => {
      const entry = decodeJournalEntry(new Uint8Array(row.entry));
      return entry.kind !== "access"
        ? []
        : [
            {
              name: `${row.gate_id}/${row.sequence}`,
              at: row.at.getTime(),
              receivedAt: row.received_at.getTime(),
              body: entry.body,
            },
          ];
    });
    return { tables, files: filesIn(stateDirectory), logs, disk: filesBelow(copyTo), entries };
  } finally {
    await client.end();
    await postgres.stop();
  }
}

function filesIn(folder: string): Map<string, Uint8Array> {
  const files = filesBelow(folder, DATABASE).filter((path) => statSync(path).size <= MAX_FILE_BYTES);
  return new Map(files.map((path) => [relative(folder, path), new Uint8Array(readFileSync(path))]));
}

/** Sockets and the like left out. */
function filesBelow(folder: string, except?: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((item) => {
    if (item.name === except) return [];
    const path = join(folder, item.name);
    if (item.isDirectory()) return filesBelow(path);
    return item.isFile() ? [path] : [];
  });
}
