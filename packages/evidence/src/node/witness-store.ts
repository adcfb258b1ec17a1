import { DatabaseSync } from "node:sqlite";
import type { TreeHead } from "../tiles/read-tiles.ts";

/** What a witness remembers of a log: the largest checkpoint it cosigned. */
export interface Witnessed extends TreeHead {
  /** The note as the log signed it. */
  readonly note: Uint8Array;
}

/** A witness's memory. Losing it makes the witness worthless: it would cosign another history. */
export interface WitnessStore {
  /** What was cosigned last for a log; `undefined` if nothing was. */
  readonly latest: (origin: string) => Witnessed | undefined;
  /**
   * Replaces what is remembered; on disk when it returns. Throws when that is in doubt.
   *
   * @returns `false`, and changes nothing, if something other than a tree of `fromSize` leaves is remembered
   */
  readonly advance: (origin: string, fromSize: number, to: Witnessed) => boolean;
  /** Keeps a note whose log also signed another root for that size; the first few of each log. */
  readonly keepFork: (origin: string, to: Witnessed) => void;
  /** Such notes, oldest first. */
  readonly forks: (origin: string) => readonly Uint8Array[];
  readonly close: () => void;
}

/** One conviction is enough; a few more cost nothing. */
const MAX_FORKS = 8;

/** Opens or makes the memory of a witness in a SQLite file. The caller holds the lock of its directory. */
export function openWitnessStore(file: string): WitnessStore {
  const database = new DatabaseSync(file);
  // A commit returns when it is synced: the answer to the log comes after.
  database.exec("pragma journal_mode = wal; pragma synchronous = full");
  database.exec(`
    create table if not exists witnessed (
      origin text primary key, size integer not null, root blob not null, note blob not null
    ) strict;
    create table if not exists fork (
      origin text not null, size integer not null, root blob not null, note blob not null,
      primary key (origin, size, root)
    ) strict;
  `);
  const select = database.prepare("select size, root, note from witnessed where origin = ?");
  const insert = database.prepare(
    "insert into witnessed (origin, size, root, note) values (?, ?, ?, ?) on conflict do nothing",
  );
  const update = database.prepare(
    "update witnessed set size = ?, root = ?, note = ? where origin = ? and size = ?",
  );
  const countForks = database.prepare("select count(*) as count from fork where origin = ?");
  const insertFork = database.prepare(
    "insert or ignore into fork (origin, size, root, note) values (?, ?, ?, ?)",
  );
  const selectForks = database.prepare("select note from fork where origin = ? order by rowid");

  const latest = (origin: string): Witnessed | undefined => {
    const row = select.get(origin);
    if (row === undefined) return undefined;
    const { size, root, note } = row;
    if (typeof size !== "number" || !(root instanceof Uint8Array) || !(note instanceof Uint8Array)) {
      throw new TypeError("the witness's memory holds another kind of row");
    }
    return { size, root, note };
  };
  return {
    latest,
    advance(origin, fromSize, { size, root, note }) {
      const first = fromSize === 0 && latest(origin) === undefined;
      const { changes } = first
        ? insert.run(origin, size, root, note)
        : update.run(size, root, note, origin, fromSize);
      return Number(changes) === 1;
    },
    keepFork(origin, { size, root, note }) {
      if (Number(countForks.get(origin)?.count) >= MAX_FORKS) return;
      insertFork.run(origin, size, root, note);
    },
    forks: (origin) =>
      selectForks.all(origin).flatMap(({ note }) => (note instanceof Uint8Array ? [note] : [])),
    close: () => database.close(),
  };
}
