import { existsSync } from "node:fs";
import { databaseFault, type OpenDatabase, openSqlite, setAside } from "./sqlite-file.ts";
import {
  openStateFile,
  type StateFile,
  type StoredCommand,
  type StoredDocument,
  type StoredMark,
  type StoredUse,
} from "./state-file.ts";

/** The state file with what must happen around faults; what the second store thread offers. */
export interface StateKeeper {
  documents(): readonly StoredDocument[];
  save(document: StoredDocument): void;
  secret(name: string): Uint8Array | undefined;
  keepSecret(name: string, bytes: Uint8Array): void;
  marks(): readonly StoredMark[];
  saveMarks(marks: readonly StoredMark[]): void;
  uses(): readonly StoredUse[];
  saveUse(use: StoredUse, endedMs: number): void;
  commands(): readonly StoredCommand[];
  saveCommand(command: StoredCommand, endedMs: number): void;
  presence(): readonly StoredUse[];
  savePresence(records: readonly StoredUse[], endedMs: number): void;
  /** File name of a damaged database that was set aside since the last call, if any. */
  takeSetAside(): string | undefined;
  close(): void;
}

/**
 * A damaged file is set aside and begun anew: the community sends everything again on the next hello.
 * Methods throw `GateError`: `disk-full`, `disk-failed`, `database-corrupt`, `database-newer`.
 */
export function makeStateKeeper(path: string, open: OpenDatabase = openSqlite): StateKeeper {
  let file: StateFile | undefined;
  let aside: string | undefined;

  function closeQuietly(): void {
    const closing = file;
    file = undefined;
    try {
      closing?.close();
    } catch {
      // It is being closed because it failed; the file itself is judged when it is opened next.
    }
  }

  function guarded<T>(work: (state: StateFile) => T): T {
    try {
      file ??= openStateFile(path, open);
      return work(file);
    } catch (cause) {
      const fault = databaseFault(cause, "state");
      closeQuietly();
      if (fault.code !== "database-corrupt" || !existsSync(path)) throw fault;
    }
    try {
      aside = setAside(path, "damaged").split("/").at(-1);
      file = openStateFile(path, open);
      return work(file);
    } catch (cause) {
      closeQuietly();
      throw databaseFault(cause, "state");
    }
  }

  return {
    documents: () => guarded((state) => state.documents()),
    save: (document) => guarded((state) => state.save(document)),
    secret: (name) => guarded((state) => state.secret(name)),
    keepSecret: (name, bytes) => guarded((state) => state.keepSecret(name, bytes)),
    marks: () => guarded((state) => state.marks()),
    saveMarks: (marks) => guarded((state) => state.saveMarks(marks)),
    uses: () => guarded((state) => state.uses()),
    saveUse: (use, endedMs) => guarded((state) => state.saveUse(use, endedMs)),
    commands: () => guarded((state) => state.commands()),
    saveCommand: (command, endedMs) => guarded((state) => state.saveCommand(command, endedMs)),
    presence: () => guarded((state) => state.presence()),
    savePresence: (records, endedMs) => guarded((state) => state.savePresence(records, endedMs)),
    takeSetAside() {
      const taken = aside;
      aside = undefined;
      return taken;
    },
    close: closeQuietly,
  };
}
