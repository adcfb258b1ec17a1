import { epochAt, epochDeath } from "@menshen/domain";
import {
  type BodyOf,
  type DeletionCode,
  type DeletionGround,
  deletionTexts,
  type ownDeletionEndpoints,
  type PersonErasure,
} from "@menshen/wire";
import { authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { SignedInResident } from "../../authority/signed-in-resident.ts";
import type { ChangeAuthor, ChangeRunner, ChangeScope } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import { found, lockRecord } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import { forgetSubject } from "../../evidence-record/index.ts";
import { restateCredentialsOf } from "../credentials/index.ts";
import type { DeletionService } from "../deletion/index.ts";
import { makeRateLimit } from "../identity/index.ts";
import { demandSignatureOnce, type ResidentSessionsService } from "../resident/index.ts";
import { selectRecordSettings } from "../retention/index.ts";
import { selectEpochGrid, selectRetentionDays } from "../trail/index.ts";
import { deletePerson, selectLeftBefore, selectRemovedBefore } from "./erasure.store.ts";
import { selectPerson } from "./people.store.ts";
import { removeWithin } from "./person-removal.ts";

const DAY_MS = 86_400_000;
/** A removal can be undone for this long; then nobody has to ask for the erasure. */
const UNDO_MS = 30 * DAY_MS;
/** Whoever was asked, had 14 days and lives here no more: nothing of it was a slip of the desk. */
const LEFT_MS = DAY_MS;
const ASKED_ONESELF = { actor: undefined, reason: { code: "resident-request" } } as const;
const SYSTEM = { actor: undefined, reason: { code: "routine" } } as const;

export type ErasureService = ReturnType<typeof makeErasureService>;

/**
 * Deletes people for good (PIPL 47), once they were removed and their credentials are refused everywhere; or at once, if they
 * ask for it themselves.
 */
export function makeErasureService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly deletions: Pick<DeletionService, "begin" | "goOn" | "cameBack" | "ownCode">;
  readonly sessions: Pick<ResidentSessionsService, "takeChallenge">;
  readonly communityId: string;
}) {
  const { db, clock, change, deletions, sessions, communityId } = dependencies;
  const perResident = makeRateLimit(clock, 5, 60_000);

  async function erase(author: ChangeAuthor, id: string, ground: DeletionGround): Promise<PersonErasure> {
    const erasure = await change(author, async (scope) => {
      await lockRecord(scope.trx, "person", id);
      const person = found(await selectPerson(scope.trx, id, scope.at), "person");
      if (person.removedAt === undefined) {
        if (ground !== "restored") {
          throw refusal(
            "conflict",
            "remove this person first: their credentials must be refused at every gate",
          );
        }
        await removeWithin(scope, id);
      }
      return eraseWithin(scope, id, ground);
    });
    await deletions.goOn(id);
    return erasure;
  }

  /** Erases whoever came back with a copy of the database. */
  async function eraseReturned(): Promise<void> {
    for (const id of await deletions.cameBack()) await erase(SYSTEM, id, "restored");
  }

  async function eraseWithin(scope: ChangeScope, id: string, ground: DeletionGround): Promise<PersonErasure> {
    const { trx, at, leaf, record, touch } = scope;
    await restateCredentialsOf(scope, id);
    await touch("persons");
    const grid = await selectEpochGrid(trx);
    const { recordRetentionDays } = await selectRecordSettings(trx);
    const until = {
      sealedUntil: epochDeath(grid, epochAt(grid, at) ?? 1, await selectRetentionDays(trx)),
      recordsUntil: at + recordRetentionDays * DAY_MS,
    };
    const deletionId = await deletions.begin(scope, id, { ground, ...until });
    const statements = await forgetSubject(trx, { kind: "person", id });
    await deletePerson(trx, id);
    const leafId = await leaf({
      topic: "person-erased",
      subject: { kind: "community" },
      statement: { statements },
      public: true,
    });
    await record({ action: "person.erased", entity: "person", entityId: id });
    return { erasedAt: at, ...until, statements, leafId, deletionId };
  }

  return {
    /** Throws `not-found`, and `conflict` for a person who was not removed. */
    async erase(author: StaffAuthor, id: string): Promise<PersonErasure> {
      authorise(author.actor, "homes.write");
      return erase(author, id, "desk");
    },

    /**
     * Deletes whoever is signed in, now and for good. Throws `key-refused` unless their own key signed for a challenge that was
     * not used yet, `invalid-request` unless they typed the name that they are known by here, `conflict` for somebody who
     * works here, `rate-limited`.
     */
    async eraseOneself(
      resident: SignedInResident,
      input: BodyOf<typeof ownDeletionEndpoints.ask>,
    ): Promise<DeletionCode> {
      const { personId } = resident;
      perResident.take(personId);
      const code = await deletions.ownCode(resident);
      await change(ASKED_ONESELF, async (scope) => {
        await lockRecord(scope.trx, "person", personId);
        const text = deletionTexts.ask(communityId, input.challenge);
        await demandSignatureOnce(scope.trx, sessions, personId, text, input);
        const person = found(await selectPerson(scope.trx, personId, scope.at), "person");
        if (person.displayName !== input.displayName.trim()) {
          throw refusal("invalid-request", "type the name that you are known by here, as it stands", {
            fields: [{ path: "body/displayName", message: "expected the name as it stands" }],
          });
        }
        if (person.residencies.some(({ role, state }) => role === "staff" && state !== "past")) {
          throw refusal("conflict", "whoever works here asks the desk: their work here ends first");
        }
        await removeWithin(scope, personId);
        await eraseWithin(scope, personId, "asked");
      });
      await deletions.goOn(personId);
      return code;
    },

    eraseReturned,

    /** Erases everybody who left, whose removal can no more be undone, or who came back with a copy of the database. */
    async eraseOverdue(): Promise<void> {
      const now = clock.now();
      await eraseReturned();
      for (const id of await selectLeftBefore(db, now - LEFT_MS)) await erase(SYSTEM, id, "left");
      for (const id of await selectRemovedBefore(db, now - UNDO_MS)) await erase(SYSTEM, id, "desk");
    },
  };
}
