import { epochAt, epochDeath } from "@menshen/domain";
import type { PersonErasure } from "@menshen/wire";
import { authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { ChangeAuthor, ChangeRunner } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import { found, lockRecord } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import { forgetSubject } from "../../evidence-record/index.ts";
import { restateCredentialsOf } from "../credentials/index.ts";
import { selectRecordSettings } from "../retention/index.ts";
import { selectEpochGrid, selectRetentionDays } from "../trail/index.ts";
import { deletePerson, selectRemovedBefore } from "./erasure.store.ts";
import { selectPerson } from "./people.store.ts";

const DAY_MS = 86_400_000;
/** A removal can be undone for this long; then nobody has to ask for the erasure. */
const UNDO_MS = 30 * DAY_MS;
const SYSTEM = { actor: undefined, reason: { code: "routine" } } as const;

export type ErasureService = ReturnType<typeof makeErasureService>;

/** Deletes people for good (PIPL 47), once they were removed and their credentials are refused everywhere. */
export function makeErasureService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
}) {
  const { db, clock, change } = dependencies;

  async function erase(author: ChangeAuthor, id: string): Promise<PersonErasure> {
    return change(author, async (scope) => {
      const { trx, at, leaf, record, touch } = scope;
      await lockRecord(trx, "person", id);
      const person = found(await selectPerson(trx, id, at), "person");
      if (person.removedAt === undefined) {
        throw refusal(
          "conflict",
          "remove this person first: their credentials must be refused at every gate",
        );
      }
      await restateCredentialsOf(scope, id);
      await touch("persons");
      const statements = await forgetSubject(trx, { kind: "person", id });
      await deletePerson(trx, id);
      const leafId = await leaf({
        topic: "person-erased",
        subject: { kind: "community" },
        statement: { statements },
        public: true,
      });
      await record({ action: "person.erased", entity: "person", entityId: id });
      const grid = await selectEpochGrid(trx);
      const { recordRetentionDays } = await selectRecordSettings(trx);
      return {
        erasedAt: at,
        sealedUntil: epochDeath(grid, epochAt(grid, at) ?? 1, await selectRetentionDays(trx)),
        recordsUntil: at + recordRetentionDays * DAY_MS,
        statements,
        leafId,
      };
    });
  }

  return {
    /** Throws `not-found`, and `conflict` for a person who was not removed. */
    async erase(author: StaffAuthor, id: string): Promise<PersonErasure> {
      authorise(author.actor, "homes.write");
      return erase(author, id);
    },

    /** Erases everybody whose removal can no more be undone. */
    async eraseOverdue(): Promise<void> {
      for (const id of await selectRemovedBefore(db, clock.now() - UNDO_MS)) await erase(SYSTEM, id);
    },
  };
}
