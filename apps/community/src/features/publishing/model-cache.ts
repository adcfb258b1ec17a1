import type { Database, Reader } from "../../database/database.ts";
import { type ModelState, readModel } from "./model-reader.ts";

/** Keeps the newest committed model, so that each reading costs only what changed since. */
export interface ModelCache {
  /** The model as the last commit left it. */
  readonly current: () => Promise<ModelState>;
  /** The model as a transaction sees it that has changed nothing yet. */
  readonly before: (trx: Reader) => Promise<ModelState>;
  /** The model as a transaction sees it that may still be rolled back: never kept. */
  readonly within: (trx: Reader, before: ModelState) => Promise<ModelState>;
}

export function makeModelCache(db: Database): ModelCache {
  let newest: ModelState | undefined;

  function keep(state: ModelState): ModelState {
    // Two readings may end in either order; versions only rise, so the one with more of them is the later.
    if (newest === undefined || sum(state) >= sum(newest)) newest = state;
    return state;
  }

  return {
    current: async () =>
      keep(
        await db
          .transaction()
          .setIsolationLevel("repeatable read")
          .setAccessMode("read only")
          .execute((trx) => readModel(trx, newest)),
      ),
    before: async (trx) => keep(await readModel(trx, newest)),
    within: (trx, before) => readModel(trx, before),
  };
}

function sum({ versions }: ModelState): number {
  return versions.site + versions.persons + versions.rules + versions.modes + versions.credentials;
}
