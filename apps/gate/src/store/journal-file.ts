import { equalBytes, sha256 } from "@menshen/crypto/node";
import { decodeJournalEntry, encodeJournalEntry, journalGenesisHash, nextJournalHash } from "@menshen/wire";
import type { SavedClock } from "../clock/gate-clock.ts";
import { GateError } from "../errors.ts";
import { type EntrySealer, makeEntrySealer } from "../trail/entry-sealer.ts";
import { type JournalDraft, numberDraft } from "./journal-draft.ts";
import { type Database, inTransaction, migrate, type OpenDatabase, openSqlite } from "./sqlite-file.ts";

/**
 * Form 1. The journal is append-only by trigger; a row may go only after the server acknowledged it. `base` is what
 * stands before the oldest row: the end of what was pruned, or of a journal that could not be read any more.
 */
const MIGRATIONS = [
  `
  CREATE TABLE journal (
    sequence INTEGER PRIMARY KEY,
    draft INTEGER NOT NULL,
    entry BLOB NOT NULL,
    hash BLOB NOT NULL
  ) STRICT;
  CREATE TABLE position (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    base_sequence INTEGER NOT NULL,
    base_hash BLOB NOT NULL,
    acknowledged INTEGER NOT NULL,
    unanchored INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE clock (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    boot_id TEXT NOT NULL,
    wall_ms REAL NOT NULL,
    monotonic_ms REAL NOT NULL,
    earliest_ms INTEGER NOT NULL,
    latest_ms INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE counters (
    credential_key BLOB PRIMARY KEY,
    counter INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE fire_latches (portal_id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
  CREATE TRIGGER journal_append_only BEFORE UPDATE ON journal
    BEGIN SELECT RAISE(ABORT, 'journal is append-only'); END;
  CREATE TRIGGER journal_keeps_unacknowledged BEFORE DELETE ON journal
    WHEN old.sequence > (SELECT acknowledged FROM position)
    BEGIN SELECT RAISE(ABORT, 'entry is not acknowledged'); END;
  `,
];

/** Where a journal ends: the last sequence and the hash after it. */
export interface JournalHead {
  readonly sequence: number;
  readonly hash: Uint8Array;
}

/** A draft with the number that tells it apart from every other draft of this gate. */
export interface AppendRequest {
  readonly draftId: number;
  readonly draft: JournalDraft;
}

/** What became of an append. */
export interface AppendResult {
  readonly sequences: ReadonlyMap<number, number>;
  /** Whether identities were sealed as they should be; undefined if there was none to seal. */
  readonly sealed: boolean | undefined;
}

/** Consecutive entries as they are sent. */
export interface JournalSlice {
  readonly firstSequence: number;
  readonly previousHash: Uint8Array;
  readonly entries: readonly Uint8Array[];
}

/** What the file held when it was opened. */
export interface JournalOpening {
  readonly head: JournalHead;
  readonly acknowledged: number;
  readonly clock: SavedClock | undefined;
  /** Earliest time of the last entry, if there is one. */
  readonly lastEarliestMs: number | undefined;
  readonly counters: readonly (readonly [credentialKey: Uint8Array, counter: number])[];
  readonly fireLatches: readonly string[];
}

/** How the server's view of the journal fits this one. */
export type ResumeOutcome =
  /** The server goes on after an entry that stands here with the same hash. */
  | { readonly kind: "continues"; readonly acknowledged: number }
  /** This journal was begun anew after a loss; it now goes on where the server stands. */
  | { readonly kind: "anchored"; readonly acknowledged: number }
  /** The server holds something else than this journal. */
  | { readonly kind: "fork" }
  /** The server misses entries that are no longer kept here. */
  | { readonly kind: "pruned"; readonly oldest: number };

/** How many entries at the end are verified when the file is opened; the self-test walks the rest. */
const VERIFIED_TAIL = 1_000;

/** The journal database: synchronous, used from one thread only. Faults are those of SQLite. */
export interface JournalFile {
  opening(): JournalOpening;
  head(): JournalHead;
  /**
   * Stores drafts in order, in one synced transaction, with the state of the clock. `knownSequence` is the last entry
   * the caller knows to be stored: rows behind it came from an attempt whose answer was lost, and are not stored
   * twice. Returns the sequence of each draft. Identities are sealed here, before the transaction: an attempt that
   * failed seals anew, under the numbers of its own time.
   */
  append(requests: readonly AppendRequest[], knownSequence: number, clock: SavedClock): AppendResult;
  /** Entries from `firstSequence` on, within the limits; undefined if none is stored. */
  read(firstSequence: number, maxEntries: number, maxBytes: number): JournalSlice | undefined;
  /** The server holds everything up to `sequence`. Never goes back. */
  acknowledge(sequence: number): void;
  /** Compares with where the server's copy ends. */
  resume(nextSequence: number, hash: Uint8Array): ResumeOutcome;
  /**
   * Deletes acknowledged entries from the oldest on, at most `atMost` of them: those beyond the newest `keep`, and with
   * `before` those that were surely made before it (Unix milliseconds). Returns how many. Base and rows change in one
   * transaction, so the chain goes on from the base wherever the process dies.
   */
  prune(keep: number, atMost: number, before?: number): number;
  /**
   * Follows the chain over `count` entries from `firstSequence` or the oldest kept, whichever is later: the first
   * entry that does not fit, or undefined, and where to go on.
   */
  verify(
    firstSequence: number,
    count: number,
  ): { readonly next: number; readonly broken: number | undefined };
  saveClock(clock: SavedClock): void;
  saveCounter(credentialKey: Uint8Array, counter: number): void;
  /** Removes counters by their names and overwrites them on the disk. @returns how many there were */
  forgetCounters(names: readonly Uint8Array[]): number;
  saveFireLatch(portalId: string, latched: boolean): void;
  close(): void;
}

/**
 * @param sealer numbers and seals; by default one that has nothing to seal with
 * @param unanchoredIfNew a new file follows a lost journal: its first entries take their numbers from the server.
 * @throws {GateError} `database-corrupt` if the end of the chain does not verify; faults of SQLite
 */
export function openJournalFile(
  path: string,
  open: OpenDatabase = openSqlite,
  unanchoredIfNew = false,
  sealer: EntrySealer = makeEntrySealer(),
): JournalFile {
  const database = open(path);
  try {
    return journalFileOn(database, unanchoredIfNew, sealer);
  } catch (fault) {
    database.close();
    throw fault;
  }
}

/** A column that must hold a blob. @throws {GateError} `database-corrupt` */
export function asBytes(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array))
    throw new GateError("database-corrupt", "expected a blob in the journal");
  return value;
}

function journalFileOn(database: Database, unanchoredIfNew: boolean, sealer: EntrySealer): JournalFile {
  migrate(database, MIGRATIONS);
  database
    .prepare("INSERT OR IGNORE INTO position VALUES (1, 0, ?, 0, ?)")
    .run(journalGenesisHash(), unanchoredIfNew ? 1 : 0);

  const insert = database.prepare("INSERT INTO journal (sequence, draft, entry, hash) VALUES (?, ?, ?, ?)");
  const selectFrom = database.prepare(
    "SELECT sequence, draft, entry, hash FROM journal WHERE sequence >= ? ORDER BY sequence LIMIT ?",
  );
  const selectHash = database.prepare("SELECT hash FROM journal WHERE sequence = ?");
  const selectPosition = database.prepare("SELECT * FROM position");
  const writeClock = database.prepare("INSERT OR REPLACE INTO clock VALUES (1, ?, ?, ?, ?, ?)");
  const writeCounter = database.prepare("INSERT OR REPLACE INTO counters VALUES (?, ?)");

  function position() {
    const row = selectPosition.get();
    return {
      baseSequence: Number(row?.base_sequence),
      baseHash: asBytes(row?.base_hash),
      acknowledged: Number(row?.acknowledged),
      unanchored: Number(row?.unanchored) === 1,
    };
  }

  function readHead(): JournalHead {
    const row = database.prepare("SELECT sequence, hash FROM journal ORDER BY sequence DESC LIMIT 1").get();
    if (row !== undefined) return { sequence: Number(row.sequence), hash: asBytes(row.hash) };
    const { baseSequence, baseHash } = position();
    return { sequence: baseSequence, hash: baseHash };
  }

  function hashAfter(sequence: number): Uint8Array | undefined {
    const { baseSequence, baseHash } = position();
    if (sequence === baseSequence) return baseHash;
    const row = selectHash.get(sequence);
    return row === undefined ? undefined : asBytes(row.hash);
  }

  let head = readHead();

  function saveClock(clock: SavedClock): void {
    writeClock.run(clock.bootId, clock.wallMs, clock.monotonicMs, clock.earliestMs, clock.latestMs);
  }

  function verify(firstSequence: number, count: number) {
    // Entries that were pruned are gone by design.
    let expected = Math.max(firstSequence, position().baseSequence + 1);
    let previous = hashAfter(expected - 1);
    if (previous === undefined) return { next: expected, broken: expected };
    for (const row of selectFrom.iterate(expected, count)) {
      const hash = nextJournalHash(sha256, previous, asBytes(row.entry));
      if (Number(row.sequence) !== expected || !equalBytes(asBytes(row.hash), hash)) {
        return { next: expected, broken: expected };
      }
      previous = hash;
      expected += 1;
    }
    return { next: expected, broken: undefined };
  }

  const { baseSequence } = position();
  const tail = verify(Math.max(baseSequence, head.sequence - VERIFIED_TAIL) + 1, VERIFIED_TAIL);
  if (tail.broken !== undefined) {
    throw new GateError("database-corrupt", `expected an unbroken chain at entry ${tail.broken}`);
  }

  return {
    head: () => head,

    opening() {
      const last = selectFrom.get(head.sequence, 1);
      const clockRow = database.prepare("SELECT * FROM clock").get();
      return {
        head,
        acknowledged: position().acknowledged,
        clock:
          clockRow === undefined
            ? undefined
            : {
                bootId: String(clockRow.boot_id),
                wallMs: Number(clockRow.wall_ms),
                monotonicMs: Number(clockRow.monotonic_ms),
                earliestMs: Number(clockRow.earliest_ms),
                latestMs: Number(clockRow.latest_ms),
              },
        lastEarliestMs: last === undefined ? undefined : decodeJournalEntry(asBytes(last.entry)).earliest,
        counters: database
          .prepare("SELECT credential_key, counter FROM counters")
          .all()
          .map((row) => [asBytes(row.credential_key), Number(row.counter)] as const),
        fireLatches: database
          .prepare("SELECT portal_id FROM fire_latches")
          .all()
          .map((row) => String(row.portal_id)),
      };
    },

    append(requests, knownSequence, clock) {
      head = readHead();
      const sequences = new Map<number, number>();
      if (head.sequence > knownSequence) {
        // The process or the answer died between commit and here: what is stored is stored.
        for (const row of selectFrom.iterate(knownSequence + 1, head.sequence - knownSequence)) {
          sequences.set(Number(row.draft), Number(row.sequence));
        }
      }
      const missing = requests.filter((request) => !sequences.has(request.draftId));
      if (missing.length === 0) return { sequences, sealed: undefined };
      let { sequence, hash } = head;
      const entries = missing.map(({ draftId, draft }) => {
        sequence += 1;
        return { draftId, sequence, ...encoded(sealer, draft, sequence) };
      });
      inTransaction(database, () => {
        for (const { draftId, sequence: number, entry } of entries) {
          hash = nextJournalHash(sha256, hash, entry);
          insert.run(number, draftId, entry, hash);
          sequences.set(draftId, number);
        }
        saveClock(clock);
      });
      head = { sequence, hash };
      const identified = missing.some(({ draft }) => draft.kind === "access" && draft.identity !== undefined);
      return { sequences, sealed: identified ? entries.every(({ failed }) => !failed) : undefined };
    },

    read(firstSequence, maxEntries, maxBytes) {
      const previousHash = hashAfter(firstSequence - 1);
      if (previousHash === undefined) return undefined;
      const entries: Uint8Array[] = [];
      let sizeBytes = 0;
      for (const row of selectFrom.iterate(firstSequence, maxEntries)) {
        const entry = asBytes(row.entry);
        if (entries.length > 0 && sizeBytes + entry.length > maxBytes) break;
        sizeBytes += entry.length;
        entries.push(entry);
      }
      return entries.length === 0 ? undefined : { firstSequence, previousHash, entries };
    },

    acknowledge(sequence) {
      database
        .prepare("UPDATE position SET acknowledged = MAX(acknowledged, ?), unanchored = 0")
        .run(Math.min(sequence, head.sequence));
    },

    resume(nextSequence, hash) {
      head = readHead();
      const { baseSequence, unanchored, acknowledged } = position();
      const here = hashAfter(nextSequence - 1);
      if (here !== undefined && equalBytes(here, hash)) {
        database.prepare("UPDATE position SET unanchored = 0, acknowledged = ?").run(nextSequence - 1);
        return { kind: "continues", acknowledged: nextSequence - 1 };
      }
      if (unanchored && acknowledged === 0) {
        head = rebase(database, nextSequence - 1, hash, sealer);
        return { kind: "anchored", acknowledged: nextSequence - 1 };
      }
      if (here === undefined && nextSequence <= baseSequence)
        return { kind: "pruned", oldest: baseSequence + 1 };
      return { kind: "fork" };
    },

    prune(keep, atMost, before = Number.NEGATIVE_INFINITY) {
      const { acknowledged, baseSequence } = position();
      const last = Math.min(acknowledged, baseSequence + atMost);
      let upTo = Math.min(last, head.sequence - keep);
      for (const row of selectFrom.iterate(Math.max(upTo, baseSequence) + 1, atMost)) {
        if (Number(row.sequence) > last) break;
        // Entries stand in the order of their time: one that knew no time is older than the next one that did.
        if (decodeJournalEntry(asBytes(row.entry)).latest < before) upTo = Number(row.sequence);
      }
      if (upTo <= baseSequence) return 0;
      const hash = hashAfter(upTo);
      if (hash === undefined)
        throw new GateError("database-corrupt", `expected entry ${upTo} in the journal`);
      inTransaction(database, () => {
        database.prepare("DELETE FROM journal WHERE sequence <= ?").run(upTo);
        database.prepare("UPDATE position SET base_sequence = ?, base_hash = ?").run(upTo, hash);
      });
      return upTo - baseSequence;
    },

    verify,
    saveClock,
    saveCounter(credentialKey, counter) {
      writeCounter.run(credentialKey, counter);
    },
    forgetCounters(names) {
      let gone = 0;
      inTransaction(database, () => {
        const remove = database.prepare("DELETE FROM counters WHERE credential_key = ?");
        for (const name of names) gone += Number(remove.run(name).changes);
      });
      // They must not live on in the log: it is folded in and cut at once.
      if (gone > 0) database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      return gone;
    },
    saveFireLatch(portalId, latched) {
      if (latched) database.prepare("INSERT OR IGNORE INTO fire_latches VALUES (?)").run(portalId);
      else database.prepare("DELETE FROM fire_latches WHERE portal_id = ?").run(portalId);
    },
    close: () => database.close(),
  };
}

/**
 * Numbers the entries of a journal that was begun anew after those the server holds. Only ever done to entries that
 * nobody has acknowledged, after a loss that the journal itself records. What was sealed under the old numbers could
 * never be opened under the new ones, and the identities are known no more: it is left out.
 */
function rebase(
  database: Database,
  baseSequence: number,
  baseHash: Uint8Array,
  sealer: EntrySealer,
): JournalHead {
  const rows = database.prepare("SELECT draft, entry FROM journal ORDER BY sequence").all();
  let head: JournalHead = { sequence: baseSequence, hash: baseHash };
  inTransaction(database, () => {
    database.prepare("UPDATE position SET acknowledged = ?").run(Number.MAX_SAFE_INTEGER);
    database.exec("DELETE FROM journal");
    const insert = database.prepare("INSERT INTO journal (sequence, draft, entry, hash) VALUES (?, ?, ?, ?)");
    for (const row of rows) {
      const sequence = head.sequence + 1;
      const entry = encodeJournalEntry(sealer.renumber(decodeJournalEntry(asBytes(row.entry)), sequence));
      const hash = nextJournalHash(sha256, head.hash, entry);
      insert.run(sequence, Number(row.draft), entry, hash);
      head = { sequence, hash };
    }
    database
      .prepare("UPDATE position SET base_sequence = ?, base_hash = ?, acknowledged = ?, unanchored = 0")
      .run(baseSequence, baseHash, baseSequence);
  });
  return head;
}

/** An entry that cannot be written as it was sealed is written without the identity, never not at all. */
function encoded(
  sealer: EntrySealer,
  draft: JournalDraft,
  sequence: number,
): { readonly entry: Uint8Array; readonly failed: boolean } {
  try {
    const { entry, failed } = sealer.number(draft, sequence);
    return { entry: encodeJournalEntry(entry), failed };
  } catch {
    return { entry: encodeJournalEntry(numberDraft(draft, sequence)), failed: true };
  }
}
