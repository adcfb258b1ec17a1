import { deadBefore } from "@menshen/domain";
import type { Retention, RetentionChange } from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import { demandFresh, optional } from "../../database/records.ts";
import { selectEpochGrid, selectRetentionDays } from "../trail/index.ts";
import { demandMotion } from "../votes/index.ts";
import {
  type DeletedRecords,
  deleteCopies,
  deleteEvents,
  deletePapers,
  deleteRecords,
  lockRetention,
  putDeleted,
  selectDeleted,
  selectRecordSettings,
  updateRecordRetention,
} from "./retention.store.ts";

const DAY_MS = 86_400_000;
/** Rows of one transaction: a second at most, so that nobody waits for a lock. */
const EVENTS_IN_BATCH = 2_000;
/** A statement names them all. */
const LEAVES_IN_BATCH = 200;
const SYSTEM = { actor: undefined, reason: { code: "routine" } } as const;

export type RetentionService = ReturnType<typeof makeRetentionService>;

/**
 * Deletes what has outlived its purpose. Door entries (who by pseudonym, where, when) go with the epoch whose keys seal
 * them: PIPL 19 and 47. Records of administration, of looks and of devices go after the time that the community set,
 * never before six months: Cybersecurity Law 21.
 */
export function makeRetentionService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
}) {
  const { db, clock, change } = dependencies;

  async function read(): Promise<Retention> {
    return { ...(await selectRecordSettings(db)), ...(await selectDeleted(db)) };
  }

  async function deleteAllEvents(kind: "entries" | "records", before: number, anchor: number): Promise<void> {
    // The border stands before anything goes: what a gate then sends again is known as forgotten, not as contradicted.
    await putDeleted(db, kind, { before, deletedAt: clock.now() });
    for (;;) {
      const gone = await db
        .transaction()
        .execute((trx) => deleteEvents(trx, kind, { before, anchor }, EVENTS_IN_BATCH));
      if (gone < EVENTS_IN_BATCH) return;
    }
  }

  /** One leaf for each batch, public: a record that is gone without being named by one was deleted by somebody else. */
  async function deleteSomeRecords(before: number, retentionDays: number): Promise<number> {
    return change(SYSTEM, async ({ trx, leaf }) => {
      await lockRetention(trx);
      const gone = await deleteRecords(trx, before, LEAVES_IN_BATCH);
      if (gone.leaves.length > 0) {
        await leaf({
          topic: "records-deleted",
          subject: { kind: "community" },
          statement: { before, retentionDays, leaves: spansOf(gone), rows: { ...gone.rows } },
          public: true,
        });
      }
      return gone.leaves.length;
    });
  }

  return {
    async read(actor: Actor): Promise<Retention> {
      if (!actor.permissions.has("changes.read")) authorise(actor, "custody.write");
      return read();
    },

    /**
     * Throws `stale-revision`, and `conflict` where owners vote and did not pass a motion about these days. Stands in the
     * evidence log. What was deleted under a shorter time stays deleted. */
    async change(author: StaffAuthor, input: RetentionChange): Promise<Retention> {
      authorise(author.actor, "custody.write");
      await change(author, async ({ trx, record, leaf }) => {
        await lockRetention(trx);
        const before = await selectRecordSettings(trx);
        demandFresh(before, input.revision);
        const { recordRetentionDays: after } = input;
        const motionId = await demandMotion(
          trx,
          "retention",
          String(after),
          `record-retention-days ${after}`,
        );
        await updateRecordRetention(trx, after);
        const statement = {
          setting: "record-retention-days",
          before: before.recordRetentionDays,
          after,
          ...optional("motionId", motionId),
        };
        await leaf({
          topic: "settings-changed",
          subject: { kind: "community" },
          statement,
          public: true,
        });
        await record({
          action: "retention.changed",
          entity: "retention",
          entityId: "records",
          before: { recordRetentionDays: before.recordRetentionDays },
          after: { recordRetentionDays: after },
        });
      });
      return read();
    },

    /** Deletes all that is due. Running it twice deletes nothing twice; whatever stops it, the next run goes on. */
    async sweep(): Promise<void> {
      const grid = await selectEpochGrid(db);
      const now = clock.now();
      const dead = deadBefore(grid, now, await selectRetentionDays(db));
      await deleteAllEvents("entries", dead, grid.anchorMs);
      await db.transaction().execute((trx) => deleteCopies(trx, dead));

      const { recordRetentionDays } = await selectRecordSettings(db);
      const old = now - recordRetentionDays * DAY_MS;
      await deleteAllEvents("records", old, grid.anchorMs);
      await db.transaction().execute((trx) => deletePapers(trx, old));
      while ((await deleteSomeRecords(old, recordRetentionDays)) === LEAVES_IN_BATCH);
    },
  };
}

/** `[first, count]` of each run of neighbours. */
function spansOf({ leaves }: DeletedRecords): [number, number][] {
  const spans: [number, number][] = [];
  for (const index of leaves) {
    const last = spans.at(-1);
    if (last !== undefined && last[0] + last[1] === index) last[1] += 1;
    else spans.push([index, 1]);
  }
  return spans;
}
