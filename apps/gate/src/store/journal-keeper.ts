import { existsSync } from "node:fs";
import type { SavedClock } from "../clock/gate-clock.ts";
import { GateError } from "../errors.ts";
import { makeEntrySealer, type SealingMaterial } from "../trail/entry-sealer.ts";
import {
  type AppendRequest,
  type JournalFile,
  type JournalHead,
  type JournalOpening,
  type JournalSlice,
  openJournalFile,
  type ResumeOutcome,
} from "./journal-file.ts";
import { type Salvage, salvageJournal } from "./journal-salvage.ts";
import { databaseFault, type OpenDatabase, openSqlite, setAside } from "./sqlite-file.ts";

/** A damaged journal that was moved out of the way. */
export interface JournalSetAside extends Salvage {
  /** File name, without its folder. */
  readonly fileName: string;
}

export interface JournalAppended {
  /** Whether identities were sealed as they should be; undefined if there was none. */
  readonly sealed: boolean | undefined;
  /** Sequence of each draft id, also of drafts that an earlier attempt had stored. */
  readonly sequences: ReadonlyMap<number, number>;
  readonly head: JournalHead;
}

/** The journal file with what must happen around faults; what the store thread offers. */
export interface JournalKeeper {
  opening(): JournalOpening;
  append(requests: readonly AppendRequest[], knownSequence: number, clock: SavedClock): JournalAppended;
  read(firstSequence: number, maxEntries: number, maxBytes: number): JournalSlice | undefined;
  acknowledge(sequence: number): void;
  resume(
    nextSequence: number,
    hash: Uint8Array,
  ): { readonly outcome: ResumeOutcome; readonly head: JournalHead };
  prune(keep: number, atMost: number, before?: number): number;
  verify(
    firstSequence: number,
    count: number,
  ): { readonly next: number; readonly broken: number | undefined };
  saveClock(clock: SavedClock): void;
  saveCounter(credentialKey: Uint8Array, counter: number): void;
  forgetCounters(names: readonly Uint8Array[]): number;
  saveFireLatch(portalId: string, latched: boolean): void;
  /** What identities are sealed with from now on. */
  useForSealing(material: SealingMaterial): void;
  /** Computes ahead for one entry; false when there is nothing to do. For the thread's idle time. */
  prepare(): boolean;
  /** A journal that was set aside since the last call, if any. */
  takeSetAside(): JournalSetAside | undefined;
  close(): void;
}

/**
 * Opens the journal when it is first used. After a fault the database is closed and opened again for the next call,
 * because SQLite's own state after a failed commit is not to be trusted. A damaged file is set aside, what can be
 * read of it is carried over, and the call is made once more.
 *
 * Every method throws `GateError`: `disk-full`, `disk-failed`, `database-corrupt`, `database-newer`.
 */
export function makeJournalKeeper(path: string, open: OpenDatabase = openSqlite): JournalKeeper {
  const sealer = makeEntrySealer();
  let file: JournalFile | undefined;
  let aside: JournalSetAside | undefined;

  function opened(): JournalFile {
    file ??= openJournalFile(path, open, false, sealer);
    return file;
  }

  function closeQuietly(): void {
    const closing = file;
    file = undefined;
    try {
      closing?.close();
    } catch {
      // It is being closed because it failed; the file itself is judged when it is opened next.
    }
  }

  function replaceDamaged(): void {
    closeQuietly();
    const label = "damaged";
    const asidePath = existsSync(path) ? setAside(path, label) : undefined;
    const fresh = openJournalFile(path, open, true);
    fresh.close();
    let salvage: Salvage = { entries: 0, anchored: false };
    if (asidePath !== undefined) salvage = carryOver(asidePath);
    aside = { ...salvage, fileName: (asidePath ?? path).split("/").at(-1) ?? label };
  }

  function carryOver(asidePath: string): Salvage {
    const fresh = open(path);
    try {
      const damaged = open(asidePath);
      try {
        return salvageJournal(damaged, fresh);
      } finally {
        damaged.close();
      }
    } catch (fault) {
      // Not even a database any more: nothing to carry over.
      if (databaseFault(fault, "journal").code === "database-corrupt") return { entries: 0, anchored: false };
      throw fault;
    } finally {
      fresh.close();
    }
  }

  function guarded<T>(work: (journal: JournalFile) => T): T {
    try {
      return work(opened());
    } catch (cause) {
      const fault = databaseFault(cause, "journal");
      closeQuietly();
      if (fault.code !== "database-corrupt") throw fault;
    }
    try {
      replaceDamaged();
      return work(opened());
    } catch (cause) {
      closeQuietly();
      throw databaseFault(cause, "journal");
    }
  }

  return {
    opening: () => guarded((journal) => journal.opening()),
    append: (requests, knownSequence, clock) =>
      guarded((journal) => {
        // A journal begun anew may stand behind what the caller knew.
        const known = Math.min(knownSequence, journal.head().sequence);
        return { ...journal.append(requests, known, clock), head: journal.head() };
      }),
    read: (firstSequence, maxEntries, maxBytes) =>
      guarded((journal) => journal.read(firstSequence, maxEntries, maxBytes)),
    acknowledge: (sequence) => guarded((journal) => journal.acknowledge(sequence)),
    resume: (nextSequence, hash) =>
      guarded((journal) => {
        const outcome = journal.resume(nextSequence, hash);
        return { outcome, head: journal.head() };
      }),
    prune: (keep, atMost, before) => guarded((journal) => journal.prune(keep, atMost, before)),
    verify: (firstSequence, count) => guarded((journal) => journal.verify(firstSequence, count)),
    saveClock: (clock) => guarded((journal) => journal.saveClock(clock)),
    saveCounter: (credentialKey, counter) =>
      guarded((journal) => journal.saveCounter(credentialKey, counter)),
    forgetCounters: (names) => guarded((journal) => journal.forgetCounters(names)),
    saveFireLatch: (portalId, latched) => guarded((journal) => journal.saveFireLatch(portalId, latched)),
    useForSealing: (material) => sealer.use(material),
    prepare: () => sealer.prepare(),
    takeSetAside() {
      const taken = aside;
      aside = undefined;
      return taken;
    },
    close() {
      const closing = file;
      file = undefined;
      if (closing === undefined) return;
      try {
        closing.close();
      } catch (cause) {
        throw new GateError("disk-failed", "expected the journal to close", { cause });
      }
    },
  };
}
