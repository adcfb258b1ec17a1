import type { Logger } from "@menshen/service-kit";
import type { Database } from "../../database/database.ts";
import type { Directory } from "../directory/index.ts";
import { selectLastChange } from "./alarm-feed.store.ts";
import { type PositionedAlarm, selectChangedAfter, selectStanding } from "./alarms.store.ts";

const PAGE = 200;

/** Alarms for live views, each as it stands, in the order of changes. */
export interface AlarmFeed {
  /** What changed before is told to nobody. */
  readonly start: () => Promise<void>;
  /** Calls `listener` with what changed, after the commit; returns the function that ends it. */
  readonly listen: (listener: (changed: readonly PositionedAlarm[]) => void) => () => void;
  /** Something was committed. */
  readonly changed: () => void;
  /** Position of the last change, 0 for none. */
  readonly last: () => Promise<number>;
  /** What changed after a position, in order, page by page; an empty page is the end. */
  readonly after: (position: number) => Promise<readonly PositionedAlarm[]>;
  /** All that are not closed, in the order of their last change. */
  readonly standing: () => Promise<readonly PositionedAlarm[]>;
  readonly stop: () => Promise<void>;
}

export function makeAlarmFeed(dependencies: {
  readonly db: Database;
  readonly directory: () => Promise<Directory>;
  readonly logger: Logger;
}): AlarmFeed {
  const { db, directory, logger } = dependencies;
  const listeners = new Set<(changed: readonly PositionedAlarm[]) => void>();
  /** Position of the last change that was told. */
  let told = 0;
  let queue: Promise<void> = Promise.resolve();

  const after = async (position: number) => selectChangedAfter(db, position, PAGE, await directory());

  /**
   * INVARIANT: read on from what was told, whether somebody listens or not: a listener that reads the database after it
   * began to listen has missed nothing, and leaves out what it is told twice.
   */
  async function tell(): Promise<void> {
    for (;;) {
      const page = await after(told);
      for (const listener of listeners) listener(page);
      told = page.at(-1)?.position ?? told;
      if (page.length < PAGE) return;
    }
  }

  return {
    async start() {
      told = await selectLastChange(db);
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    changed() {
      queue = queue.then(tell).catch((error: unknown) => {
        logger.error({ error }, "changed alarms could not be told");
      });
    },
    last: () => selectLastChange(db),
    after,
    standing: async () => selectStanding(db, await directory()),
    stop: () => queue,
  };
}
