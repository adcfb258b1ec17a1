import { Worker } from "node:worker_threads";
import { type AccessEntry, encodeJournalEntry } from "@menshen/wire";

/** What the store's thread is asked: to seal, chain, write and sync one entry. */
export interface AppendRequest {
  readonly id: number;
  /** Its number is given there. */
  readonly entry: AccessEntry;
  readonly credentialKey: Uint8Array;
}

/** A journal on a thread of its own with a real file, every commit synced: as `apps/gate` composes it. */
export interface TapJournal {
  /** Resolves when the entry is on the disk. */
  append(entry: AccessEntry, credentialKey: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

export async function openTapJournal(path: string): Promise<TapJournal> {
  const worker = new Worker(new URL("./tap-journal-worker.ts", import.meta.url), { workerData: path });
  const waiting = new Map<number, () => void>();
  await new Promise<void>((resolve, reject) => {
    worker.once("message", () => resolve());
    worker.once("error", reject);
  });
  worker.on("message", (id: number) => {
    waiting.get(id)?.();
    waiting.delete(id);
  });
  let nextId = 1;
  return {
    append(entry, credentialKey) {
      // The gate's journal refuses here what its format does not take.
      encodeJournalEntry(entry);
      const id = nextId++;
      return new Promise((resolve) => {
        waiting.set(id, resolve);
        worker.postMessage({ id, entry, credentialKey } satisfies AppendRequest);
      });
    },
    async close() {
      await worker.terminate();
    },
  };
}
