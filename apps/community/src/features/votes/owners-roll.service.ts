import { randomUUID } from "node:crypto";
import type { BodyOf, OwnersRoll, ownersRollEndpoints, ViewReason } from "@menshen/wire";
import { type Actor, authorise, mayName, type StaffAuthor } from "../../authority/authorise.ts";
import { type ChangeRunner, demandReason } from "../../change-record/change-scope.ts";
import type { Database } from "../../database/database.ts";
import { found, optional } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import {
  countPresent,
  deleteIdleOwners,
  deleteRollDwelling,
  ensureOwner,
  isPresentDwelling,
  putRollDwelling,
  selectMissing,
  selectPersonNames,
  selectRoll,
} from "./owners-roll.store.ts";

export type OwnersRollService = ReturnType<typeof makeOwnersRollService>;

/** Who owns what, as votes count it: dwelling, area, owner, and nothing more (PIPL 6). */
export function makeOwnersRollService(dependencies: {
  readonly db: Database;
  readonly change: ChangeRunner;
}) {
  const { db, change } = dependencies;
  return {
    /** Without names unless the caller may read them and said why. */
    async list(actor: Actor, viewReason: ViewReason | undefined): Promise<OwnersRoll> {
      authorise(actor, "roll.read");
      const roll = await selectRoll(db);
      const isNamed = mayName(actor, viewReason);
      const ids = [...new Set(roll.flatMap(({ personIds }) => personIds))];
      const names: ReadonlyMap<string, string> = isNamed ? await selectPersonNames(db, ids) : new Map();
      return {
        items: roll.map(({ personIds, ownerName, ...dwelling }) => ({
          ...dwelling,
          ...optional("ownerName", ownerName),
          persons: personIds.map((id) => ({ id, ...optional("name", names.get(id)) })),
        })),
        heads: new Set(roll.map(({ ownerId }) => ownerId)).size,
        areaDm2: roll.reduce((sum, { areaDm2 }) => sum + areaDm2, 0),
        missing: [...(await selectMissing(db))],
      };
    },

    /** Throws `not-found` for a dwelling that is not there, `conflict` for persons who are not. */
    async put(
      author: StaffAuthor,
      dwellingId: string,
      { areaDm2, owner }: BodyOf<typeof ownersRollEndpoints.put>,
    ): Promise<null> {
      authorise(author.actor, "roll.write");
      await change(author, async ({ trx, record }) => {
        found((await isPresentDwelling(trx, dwellingId)) ? dwellingId : undefined, "dwelling");
        if ((await countPresent(trx, owner.personIds)) < owner.personIds.length) {
          throw refusal(
            "conflict",
            "one of these persons is not known here: enter them among the people first",
          );
        }
        const ownerId = await ensureOwner(trx, randomUUID(), owner);
        await putRollDwelling(trx, { dwellingId, areaDm2, ownerId });
        await deleteIdleOwners(trx);
        await record({
          action: "owners-roll.entered",
          entity: "owners-roll",
          entityId: dwellingId,
          after: { areaDm2, kind: owner.kind, personIds: owner.personIds },
          personal: ["personIds"],
        });
      });
      return null;
    },

    /** Throws `not-found`. */
    async remove(author: StaffAuthor, dwellingId: string): Promise<null> {
      authorise(author.actor, "roll.write");
      demandReason(author.reason);
      await change(author, async ({ trx, record }) => {
        found((await deleteRollDwelling(trx, dwellingId)) ? dwellingId : undefined, "dwelling on the roll");
        await deleteIdleOwners(trx);
        await record({ action: "owners-roll.removed", entity: "owners-roll", entityId: dwellingId });
      });
      return null;
    },
  };
}
