import { randomUUID } from "node:crypto";
import { DomainError, dayNumberOf } from "@menshen/domain";
import type { AppealState, Penalty, PenaltyInput } from "@menshen/wire";
import { authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Database } from "../../database/database.ts";
import { found } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import {
  insertPenalty,
  lockPenalty,
  selectPenalties,
  updateAppeal,
  updateRemoved,
} from "./penalties.store.ts";
import { demandNobody } from "./published-text.ts";

export type PenaltiesService = ReturnType<typeof makePenaltiesService>;

/** Penalties against those who run the community: published with ground, amount and appeal, for good. */
export function makePenaltiesService(dependencies: { readonly db: Database; readonly change: ChangeRunner }) {
  const { db, change } = dependencies;
  return {
    list: () => selectPenalties(db),

    /** Throws `invalid-request` for a text that holds anything of a resident, and for a day that is none. */
    async publish(author: StaffAuthor, input: PenaltyInput): Promise<Penalty> {
      authorise(author.actor, "penalties.publish");
      return change(author, async ({ trx, at, leaf, record }) => {
        const { authority, documentNumber, ground, decidedOn, party, amountFen } = input;
        await demandNobody(trx, { authority, documentNumber, ground });
        demandDay(decidedOn);
        const id = randomUUID();
        const leafId = await leaf({
          topic: "penalty-published",
          subject: { kind: "community" },
          statement: {
            penaltyId: id,
            party,
            authority,
            documentNumber,
            decidedOn,
            ground,
            amountFen,
            appeal: "none",
          },
          public: true,
        });
        const { staffId } = author.actor;
        await insertPenalty(trx, { ...input, id, publishedAt: at, publishedBy: staffId, leafId });
        await record({ action: "penalty.published", entity: "penalty", entityId: id, after: { ...input } });
        return found(await lockPenalty(trx, id), "penalty");
      });
    },

    /** Throws `conflict` for one that was taken off the list. */
    async appeal(author: StaffAuthor, id: string, appeal: AppealState): Promise<Penalty> {
      authorise(author.actor, "penalties.publish");
      return change(author, async ({ trx, leaf, record }) => {
        const before = found(await lockPenalty(trx, id), "penalty");
        if (before.removed !== undefined) throw refusal("conflict", "it was taken off the list");
        if (before.appeal === appeal) return before;
        await updateAppeal(trx, id, appeal);
        await leaf({
          topic: "penalty-changed",
          subject: { kind: "community" },
          statement: { penaltyId: id, before: before.appeal, appeal },
          public: true,
        });
        await record({
          action: "penalty.appeal-changed",
          entity: "penalty",
          entityId: id,
          before: { appeal: before.appeal },
          after: { appeal },
        });
        return found(await lockPenalty(trx, id), "penalty");
      });
    },

    /** Off the list; the leaf of its publication, and one that says why it went, stay. */
    async remove(author: StaffAuthor, id: string, why: string): Promise<Penalty> {
      authorise(author.actor, "penalties.publish");
      return change(author, async ({ trx, at, leaf, record }) => {
        const before = found(await lockPenalty(trx, id), "penalty");
        if (before.removed !== undefined) throw refusal("conflict", "it was taken off the list already");
        await demandNobody(trx, { why });
        const leafId = await leaf({
          topic: "penalty-removed",
          subject: { kind: "community" },
          statement: { penaltyId: id, why, published: before.leafId },
          public: true,
        });
        await updateRemoved(trx, id, { at, why, leafId });
        await record({ action: "penalty.removed", entity: "penalty", entityId: id, after: { why } });
        return found(await lockPenalty(trx, id), "penalty");
      });
    },
  };
}

function demandDay(text: string): void {
  try {
    dayNumberOf(text);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    throw refusal("invalid-request", "expected a real day", {
      fields: [{ path: "body/decidedOn", message: "expected a real day" }],
    });
  }
}
