import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { randomBytes, toHex, wipe } from "@menshen/crypto/node";
import { destroyFile, openUnbackedDirectory, syncDirectory, writeFileDurably } from "@menshen/service-kit";
import { makeStorageKey, type StorageKey } from "./storage-key.ts";

const KEY_BYTES = 32;
const TAG = "CACHEDIR.TAG";
const NO_BACKUP =
  "Keys of the duty desk's days: no backup may hold them, or names open for longer than was decided.";

/**
 * What the desk's keys are sealed under beside the storage key: a file for each, outside the database. Whatever copies of the
 * database there are, without its file a key opens nothing.
 */
export interface DeskDayKeys {
  /** Draws one and stores it durably, in place of an earlier one of this id. */
  readonly make: (id: Uint8Array) => StorageKey;
  /** `undefined` once it was destroyed or lost, and for a file of another length. */
  readonly read: (id: Uint8Array) => StorageKey | undefined;
  /** Writes over it and removes it; none is no trouble. */
  readonly destroy: (id: Uint8Array) => void;
  /** Destroys all others, halves of them too. */
  readonly destroyAllBut: (ids: readonly Uint8Array[]) => void;
}

/** @param directory of its own: nothing else is left in it, and backups are told to leave it out */
export function openDeskDayKeys(directory: string): DeskDayKeys {
  openUnbackedDirectory(directory, NO_BACKUP);
  const nameOf = (id: Uint8Array) => `${toHex(id)}.key`;
  const fileOf = (id: Uint8Array) => join(directory, nameOf(id));
  function destroy(file: string): void {
    if (!existsSync(file)) return;
    destroyFile(file);
    syncDirectory(directory);
  }
  return {
    make(id) {
      const root = randomBytes(KEY_BYTES);
      writeFileDurably(fileOf(id), root, 0o600);
      const key = makeStorageKey(root);
      wipe(root);
      return key;
    },
    read(id) {
      const file = fileOf(id);
      if (!existsSync(file)) return undefined;
      const root = new Uint8Array(readFileSync(file));
      if (root.length !== KEY_BYTES) return undefined;
      const key = makeStorageKey(root);
      wipe(root);
      return key;
    },
    destroy: (id) => destroy(fileOf(id)),
    destroyAllBut(ids) {
      const kept = new Set([TAG, ...ids.map(nameOf)]);
      for (const name of readdirSync(directory)) if (!kept.has(name)) destroy(join(directory, name));
    },
  };
}
