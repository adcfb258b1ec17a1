import { equalBytes, sha256 } from "@menshen/crypto/node";
import { nextJournalHash } from "@menshen/wire";
import { asBytes } from "./journal-file.ts";
import { type Database, inTransaction } from "./sqlite-file.ts";

/** What could be read of a damaged journal. */
export interface Salvage {
  /** Unacknowledged entries that were saved. */
  readonly entries: number;
  /** The new journal goes on where the old one's readable part ends; otherwise it takes its place from the server. */
  readonly anchored: boolean;
}

type Row = Readonly<Record<string, unknown>>;

/**
 * Copies what can still be read of a damaged journal into a fresh one: the unacknowledged entries, as far as their
 * chain verifies, the counters and the latches. Never throws for damage, only for faults of `fresh`.
 */
export function salvageJournal(damaged: Database, fresh: Database): Salvage {
  copyReadable(damaged, fresh, "counters", "INSERT OR REPLACE INTO counters VALUES (?, ?)");
  copyReadable(damaged, fresh, "fire_latches", "INSERT OR REPLACE INTO fire_latches VALUES (?)");
  const position = readRow(damaged, "SELECT * FROM position");
  if (position === undefined) return { entries: 0, anchored: false };
  const acknowledged = Number(position.acknowledged);
  const hashRow =
    acknowledged === Number(position.base_sequence)
      ? { hash: position.base_hash }
      : readRow(damaged, "SELECT hash FROM journal WHERE sequence = ?", acknowledged);
  // Without the hash before the first unacknowledged entry, nothing behind it can be proven.
  if (hashRow === undefined) return { entries: 0, anchored: false };

  let hash = asBytes(hashRow.hash);
  let sequence = acknowledged;
  inTransaction(fresh, () => {
    fresh
      .prepare("UPDATE position SET base_sequence = ?, base_hash = ?, acknowledged = ?, unanchored = 0")
      .run(acknowledged, hash, acknowledged);
    const insert = fresh.prepare("INSERT INTO journal (sequence, draft, entry, hash) VALUES (?, ?, ?, ?)");
    for (;;) {
      const row = readRow(damaged, "SELECT draft, entry, hash FROM journal WHERE sequence = ?", sequence + 1);
      if (row === undefined) return;
      const entry = asBytes(row.entry);
      const next = nextJournalHash(sha256, hash, entry);
      if (!equalBytes(asBytes(row.hash), next)) return;
      sequence += 1;
      hash = next;
      insert.run(sequence, Number(row.draft), entry, hash);
    }
  });
  return { entries: sequence - acknowledged, anchored: true };
}

/** A row, or undefined where there is none or it cannot be read. */
function readRow(damaged: Database, sql: string, ...values: number[]): Row | undefined {
  try {
    return damaged.prepare(sql).get(...values);
  } catch {
    return undefined;
  }
}

function copyReadable(damaged: Database, fresh: Database, table: string, insertSql: string): void {
  const insert = fresh.prepare(insertSql);
  try {
    for (const row of damaged.prepare(`SELECT * FROM ${table}`).iterate()) insert.run(...Object.values(row));
  } catch {
    // Rows behind a damaged page are lost; those before it are kept.
  }
}
