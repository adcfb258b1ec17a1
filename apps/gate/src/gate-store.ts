import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "@menshen/service-kit";
import { faultName } from "./errors.ts";
import type { JournalOpening } from "./store/journal-file.ts";
import type { JournalKeeper } from "./store/journal-keeper.ts";
import type { StateKeeper } from "./store/state-keeper.ts";
import { type StoreThread, startStoreThread } from "./store/store-thread.ts";

/** The two databases of a gate, each on its own thread. */
export interface GateStore {
  readonly journal: StoreThread<JournalKeeper>;
  readonly state: StoreThread<StateKeeper>;
  /** Undefined if the journal could not be opened: the gate decides all the same, and says so. */
  readonly opening: JournalOpening | undefined;
  close(): Promise<void>;
}

/** Waiting longer than this for a disk that does not answer would keep doors closed that could be decided about. */
const OPENING_LIMIT_MS = 20_000;

export async function openGateStore(stateDir: string, logger: Logger): Promise<GateStore> {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const journal = startStoreThread<JournalKeeper>("journal", join(stateDir, "journal.db"));
  const state = startStoreThread<StateKeeper>("state", join(stateDir, "state.db"));
  const opening = await Promise.race([
    journal.remote.opening().catch((fault: unknown) => {
      logger.error({ code: faultName(fault), error: fault }, "the journal cannot be opened");
      return undefined;
    }),
    new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), OPENING_LIMIT_MS).unref()),
  ]);
  return {
    journal,
    state,
    opening,
    async close() {
      await Promise.all([journal.close(), state.close()]);
    },
  };
}
