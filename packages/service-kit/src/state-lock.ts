import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ServiceError } from "./errors.ts";

export interface StateLock {
  /** Lets another process have the directory. The lock also ends with the process, however it ends. */
  readonly release: () => void;
}

/** SQLITE_BUSY */
const BUSY = 5;

/** A lock whose caller keeps no reference must not end at a garbage collection. */
const held = new Set<DatabaseSync>();

/**
 * Takes a directory for this process alone and makes it (0700) if needed.
 *
 * SQLite's exclusive transaction holds a POSIX record lock on `<directory>/<name>.lock`: the kernel drops it with the
 * process, it cannot be left behind, and it works between containers that share the directory.
 *
 * @throws {ServiceError} `already-running`
 */
export function acquireStateLock(directory: string, name = "menshen"): StateLock {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, `${name}.lock`);
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    chmodSync(file, 0o600);
    database.exec("begin exclusive");
  } catch (cause) {
    database.close();
    if (cause instanceof Error && "errcode" in cause && cause.errcode === BUSY) {
      throw new ServiceError("already-running", `another process uses the state directory ${directory}`, {
        cause,
      });
    }
    throw new ServiceError("state-refused", `cannot lock the state directory ${directory}`, { cause });
  }
  held.add(database);
  return {
    release() {
      if (held.delete(database)) database.close();
    },
  };
}
