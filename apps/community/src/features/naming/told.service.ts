import type { NameableStaff, Told } from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Database } from "../../database/database.ts";
import { found, optional } from "../../database/records.ts";
import { deleteTold, selectNameableStaff, upsertTold } from "./told.store.ts";

/** Who of the staff was told that they are named, when and how. */
export function makeToldService(dependencies: { readonly db: Database; readonly change: ChangeRunner }) {
  const { db, change } = dependencies;
  return {
    async list(actor: Actor): Promise<readonly NameableStaff[]> {
      authorise(actor, "homes.read");
      return (await selectNameableStaff(db)).map(({ personId, name, told }) => ({
        personId,
        name,
        ...optional("told", told),
      }));
    },

    /** Throws `not-found` for anybody who does not work here, or lives here. */
    async tell(author: StaffAuthor, personId: string, told: Told): Promise<null> {
      authorise(author.actor, "homes.write");
      await change(author, async ({ trx, at, record, touch }) => {
        const person = (await selectNameableStaff(trx)).find((one) => one.personId === personId);
        const { told: before } = found(person, "person who only works here");
        await upsertTold(trx, { ...told, personId, at, staffId: author.actor.staffId });
        await record({
          action: "person.told-of-naming",
          entity: "person",
          entityId: personId,
          ...optional("before", before),
          after: told,
        });
        await touch("credentials");
      });
      return null;
    },

    async untell(author: StaffAuthor, personId: string): Promise<null> {
      authorise(author.actor, "homes.write");
      await change(author, async ({ trx, record, touch }) => {
        found((await deleteTold(trx, personId)) ? personId : undefined, "record of being told");
        await record({ action: "person.not-told-of-naming", entity: "person", entityId: personId });
        await touch("credentials");
      });
      return null;
    },
  };
}
