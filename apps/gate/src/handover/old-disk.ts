import { existsSync, mkdirSync, rmSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { acquireStateLock, ServiceError, type StateLock } from "@menshen/service-kit";
import { GateError } from "../errors.ts";
import { type GateIdentity, readIdentity } from "../keys/identity.ts";
import { openReaderKeys, type ReaderKeys } from "../keys/reader-keys.ts";
import { openFileSeal } from "../keys/seal.ts";
import { type JournalFile, openJournalFile } from "../store/journal-file.ts";
import { databaseFault } from "../store/sqlite-file.ts";

/** What the disk of another gate holds. */
export interface OldDisk {
  readonly identity: GateIdentity;
  readonly readerKeys: Pick<ReaderKeys, "of">;
  /** A copy: the disk itself stays as it was found. @throws {GateError} `database-corrupt`, `disk-full`, `disk-failed` */
  openJournal(): Promise<Pick<JournalFile, "head" | "read">>;
  close(): void;
}

const JOURNAL = "journal.db";

/**
 * Reads the state folder of a gate that does not run any more.
 *
 * @param workDir where the copy of its journal is kept meanwhile
 * @throws {GateError} `request-invalid` for a folder that is none, or whose gate runs; `seal-broken`, `disk-failed`
 */
export function openOldDisk(stateDir: string, workDir: string): OldDisk {
  // The seal's key is made where there is none: a folder of something else stays untouched.
  if (!existsSync(join(stateDir, "seal.key")) || !existsSync(join(stateDir, JOURNAL))) {
    throw new GateError("request-invalid", "expected the state folder of a gate");
  }
  const lock = lockOf(stateDir);
  try {
    const seal = openFileSeal(stateDir);
    const identity = readIdentity(stateDir, seal);
    if (identity === undefined) {
      throw new GateError("request-invalid", "expected the state folder of a gate that was enrolled");
    }
    let journal: JournalFile | undefined;
    return {
      identity,
      readerKeys: openReaderKeys(stateDir, seal),
      async openJournal() {
        journal = await openCopy(stateDir, workDir);
        return journal;
      },
      close() {
        journal?.close();
        rmSync(workDir, { recursive: true, force: true });
        lock?.release();
      },
    };
  } catch (fault) {
    lock?.release();
    throw fault;
  }
}

/** A disk that takes no writes needs no lock: no gate runs on it. */
function lockOf(stateDir: string): StateLock | undefined {
  try {
    return acquireStateLock(stateDir);
  } catch (cause) {
    if (!(cause instanceof ServiceError && cause.code === "already-running")) return undefined;
    throw new GateError("request-invalid", "expected the folder of a gate that does not run", { cause });
  }
}

/** With its log: what a killed gate wrote last stands only there. */
async function openCopy(stateDir: string, workDir: string): Promise<JournalFile> {
  try {
    rmSync(workDir, { recursive: true, force: true });
    mkdirSync(workDir, { recursive: true, mode: 0o700 });
    for (const name of [JOURNAL, `${JOURNAL}-wal`]) {
      if (existsSync(join(stateDir, name))) await copyFile(join(stateDir, name), join(workDir, name));
    }
    return openJournalFile(join(workDir, JOURNAL));
  } catch (fault) {
    throw databaseFault(fault, "the old journal");
  }
}
