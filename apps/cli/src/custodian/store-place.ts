import { existsSync, linkSync, readFileSync, statSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import {
  acquireStateLock,
  destroyFile,
  openUnbackedDirectory,
  ServiceError,
  syncDirectory,
  writeFileDurably,
} from "@menshen/service-kit/process";

const NO_BACKUP = "Shares of keys: no backup may hold them, or nothing is ever destroyed.";
const FILE_MODE = 0o600;
const LOCK_PATIENCE_MS = 20_000;
const LOCK_EVERY_MS = 50;

/** Where a custodian's program keeps its share store: a directory of its own, closed to others, marked against backups. */
export interface StorePlace {
  readonly directory: string;
  readonly exists: () => boolean;
  /** Bytes of the store, whole whatever happened to the process that wrote them. */
  readonly read: () => Uint8Array;
  /**
   * Puts new bytes in the place of the old, durably, then writes over the old ones. Cut short at any moment, the store is
   * the old one or the new one; what was left of the old one is written over at the next opening.
   */
  readonly replace: (bytes: Uint8Array) => void;
  /** Runs alone among the processes that use this place. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>;
}

export function openStorePlace(directory: string): StorePlace {
  openUnbackedDirectory(directory, NO_BACKUP);
  const file = join(directory, "shares");
  const old = join(directory, "shares.old");

  /** Ends what a process began that was cut short. */
  function tidy(): void {
    const half = `${file}.new`;
    if (existsSync(half)) destroyFile(half);
    if (!existsSync(old)) return;
    // Both names on one file: the new one had not taken its place yet.
    if (existsSync(file) && statSync(old).ino === statSync(file).ino) unlinkSync(old);
    else destroyFile(old);
    syncDirectory(directory);
  }

  return {
    directory,
    exists: () => existsSync(file),
    read: () => new Uint8Array(readFileSync(file)),
    replace(bytes) {
      tidy();
      if (existsSync(file)) linkSync(file, old);
      writeFileDurably(file, bytes, FILE_MODE);
      if (existsSync(old)) destroyFile(old);
      syncDirectory(directory);
    },
    async alone(work) {
      const lock = await acquireLock(directory);
      try {
        tidy();
        return await work();
      } finally {
        lock.release();
      }
    },
  };
}

async function acquireLock(directory: string) {
  const until = performance.now() + LOCK_PATIENCE_MS;
  for (;;) {
    try {
      return acquireStateLock(directory, "custodian");
    } catch (error) {
      const busy = error instanceof ServiceError && error.code === "already-running";
      if (!busy || performance.now() > until) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, LOCK_EVERY_MS));
  }
}
