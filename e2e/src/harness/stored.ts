import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { sha256, toHex } from "@menshen/crypto/node";
import { makeLogger } from "@menshen/service-kit";
import { startPostgres } from "@menshen/service-kit/postgres";
import { decodeJournalEntry, journalGenesisHash, nextJournalHash } from "@menshen/wire";
import pg from "pg";
import type { JournalCopy, StoredEvent } from "./ledger.ts";

/** A gate's journal as it stands on its disk. */
export function readJournal(gate: { readonly gateId: string; readonly stateDir: string }): JournalCopy {
  const database = new DatabaseSync(join(gate.stateDir, "state", "journal.db"), { readOnly: true });
  try {
    const rows = database.prepare("select sequence, entry, hash from journal order by sequence").all();
    return {
      gateId: gate.gateId,
      entries: rows.map(({ sequence, entry, hash }) => {
        if (!(entry instanceof Uint8Array) || !(hash instanceof Uint8Array))
          throw new Error("not a journal row");
        return { sequence: Number(sequence), entry, hash };
      }),
    };
  } finally {
    database.close();
  }
}

/** Sequence of the oldest entry that a gate's journal still has, which may be at work. */
export function firstSequenceOf(gate: { readonly stateDir: string }): number {
  const database = new DatabaseSync(join(gate.stateDir, "state", "journal.db"), { readOnly: true });
  try {
    return Number(database.prepare("select min(sequence) as first from journal").get()?.first ?? 0);
  } finally {
    database.close();
  }
}

/** Sequence of the last entry of a gate's journal, which may be at work. */
export function lastSequenceOf(gate: { readonly stateDir: string }): number {
  const database = new DatabaseSync(join(gate.stateDir, "state", "journal.db"), { readOnly: true });
  try {
    return Number(database.prepare("select max(sequence) as last from journal").get()?.last ?? 0);
  } finally {
    database.close();
  }
}

/** What the server's database holds, read while the server is down. */
export interface DatabaseCopy {
  /** Events in the order in which each gate made them. */
  readonly stored: readonly StoredEvent[];
  /** Of each credential id: what its pseudonyms are made from. */
  readonly credentialKeys: ReadonlyMap<string, Uint8Array>;
}

export async function readDatabase(stateDirectory: string): Promise<DatabaseCopy> {
  const postgres = await startPostgres({
    stateDirectory,
    logger: makeLogger({ app: "e2e", level: "error" }),
  });
  const client = new pg.Client({ ...postgres.connection });
  await client.connect();
  try {
    const events = await client.query<{ gate_id: string; sequence: string; entry: Buffer }>(
      "select gate_id, sequence, entry from event order by gate_id, sequence",
    );
    const credentials = await client.query<{ id: string; key: Buffer }>("select id, key from credential");
    return {
      stored: events.rows.map((row) => ({
        gateId: row.gate_id,
        sequence: Number(row.sequence),
        entry: new Uint8Array(row.entry),
      })),
      credentialKeys: new Map(credentials.rows.map((row) => [row.id, new Uint8Array(row.key)])),
    };
  } finally {
    await client.end();
    await postgres.stop();
  }
}

/**
 * Changes a running server's database behind its back, as whoever has the machine can: no trigger is asked.
 *
 * @param stateDirectory the community server's
 * @returns rows that were changed
 */
export function changeBehind(stateDirectory: string, statement: string): Promise<number> {
  return behind(stateDirectory, async (client) => {
    await client.query("set session_replication_role = replica");
    return (await client.query(statement)).rowCount ?? 0;
  });
}

/** Reads behind the server's back: what somebody has who took a copy of its database. */
export function readBehind(
  stateDirectory: string,
  statement: string,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  return behind(stateDirectory, async (client) => (await client.query(statement)).rows);
}

/** How many passages of a door a running server holds that the custodians can open. */
export function countSealed(stateDirectory: string, portalName: string): Promise<number> {
  return behind(stateDirectory, async (client) => {
    const { rows } = await client.query<{ entry: Buffer }>(
      `select entry from event where kind = 1 and subject in (
        select id from access_point where portal_id in (select id from portal where name = $1))`,
      [portalName],
    );
    return rows.filter(({ entry }) => {
      const read = decodeJournalEntry(new Uint8Array(entry));
      return read.kind === "access" && read.body.sealed !== undefined;
    }).length;
  });
}

async function behind<T>(stateDirectory: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const own = join(stateDirectory, "postgres");
  const note = join(own, "location");
  const base = existsSync(note) ? readFileSync(note, "utf8").trim() : own;
  // The fifth line of the server's note of itself says where its socket is.
  const host = readFileSync(join(base, "data/postmaster.pid"), "utf8").split("\n")[4] ?? "";
  const password = readFileSync(join(base, "password"), "utf8").trim();
  const client = new pg.Client({ host, port: 5432, user: "menshen", password, database: "postgres" });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/**
 * Compares a gate's journal with the server's table: each entry once, contiguous from 1, the same bytes, the chain
 * unbroken. Returns each finding as a sentence.
 *
 * @param stored events of any gates, by sequence
 * @param atLeast sequence up to which the server must have the journal; what a gate wrote while it was being stopped
 *   may come later
 */
export function findDifferences(
  journal: JournalCopy,
  stored: readonly StoredEvent[],
  atLeast: number,
): string[] {
  const findings: string[] = [];
  const rows = stored.filter(({ gateId }) => gateId === journal.gateId);
  if (rows.length < atLeast || rows.length > journal.entries.length) {
    findings.push(
      `${journal.entries.length} entries in the journal, ${rows.length} at the server, ${atLeast} were due`,
    );
  }
  let hash = journalGenesisHash();
  for (const [index, { sequence, entry, hash: recorded }] of journal.entries.entries()) {
    const row = rows[index];
    hash = nextJournalHash(sha256, hash, entry);
    if (sequence !== index + 1) findings.push(`entry ${sequence} stands where ${index + 1} belongs`);
    else if (toHex(hash) !== toHex(recorded)) findings.push(`the chain breaks at ${sequence}`);
    else if (row === undefined) continue;
    else if (row.sequence !== sequence)
      findings.push(`the server has ${row.sequence} in place of ${sequence}`);
    else if (toHex(row.entry) !== toHex(entry)) findings.push(`entry ${sequence} differs at the server`);
    if (findings.length > 5) break;
  }
  return findings;
}
