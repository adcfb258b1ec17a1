import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { makeLogger, startPostgres } from "@menshen/service-kit";
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
  /** What the server can make again from what it holds: keys that it wrote onto cards. */
  readonly remade: readonly Uint8Array[];
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

/** Takes everything from a server that was stopped. */
export async function takeLoot(options: {
  readonly stateDirectory: string;
  readonly logs: string;
  readonly remade: readonly Uint8Array[];
}): Promise<Loot> {
  const { stateDirectory, logs, remade } = options;
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
    return { tables, files: filesIn(stateDirectory, "postgres"), logs, remade, entries };
  } finally {
    await client.end();
    await postgres.stop();
  }
}

function filesIn(folder: string, except: string): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name.startsWith(except)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory())
      for (const [name, bytes] of filesIn(path, except)) files.set(join(entry.name, name), bytes);
    else if (entry.isFile() && statSync(path).size <= MAX_FILE_BYTES)
      files.set(entry.name, new Uint8Array(readFileSync(path)));
  }
  return files;
}
