import { randomUUID } from "node:crypto";
import type { Area, AreaCreate, areaEndpoints, BodyOf, QueryOf } from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Database, Trx } from "../../database/database.ts";
import {
  demandFresh,
  demandPresent,
  found,
  lockRecord,
  setRemoved,
  unlessTaken,
} from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import { areaInUse, insertArea, selectArea, selectAreas, updateArea } from "./doors.store.ts";

const NAME_TAKEN = "another area has this name";

export type AreasService = ReturnType<typeof makeAreasService>;

/** Areas that doors lead from and to. */
export function makeAreasService({ db, change }: { readonly db: Database; readonly change: ChangeRunner }) {
  async function locked(trx: Trx, id: string): Promise<Area> {
    await lockRecord(trx, "area", id);
    return found(await selectArea(trx, id), "area");
  }

  return {
    async list(actor: Actor, query: QueryOf<typeof areaEndpoints.list>) {
      authorise(actor, "doors.read");
      return selectAreas(db, query);
    },

    async read(actor: Actor, id: string): Promise<Area> {
      authorise(actor, "doors.read");
      return found(await selectArea(db, id), "area");
    },

    async create(author: StaffAuthor, input: AreaCreate): Promise<Area> {
      authorise(author.actor, "doors.write");
      return change(author, async ({ trx, touch, record }) => {
        const id = randomUUID();
        const after = { name: input.name.trim(), staffOnly: input.staffOnly };
        await unlessTaken(insertArea(trx, id, after), NAME_TAKEN);
        await touch("site");
        await record({ action: "area.created", entity: "area", entityId: id, after });
        return found(await selectArea(trx, id), "area");
      });
    },

    /** Throws `way-in-lost` if residents need an area that is no longer for staff only, and have too few ways in. */
    async update(author: StaffAuthor, id: string, input: BodyOf<typeof areaEndpoints.update>): Promise<Area> {
      authorise(author.actor, "doors.write");
      return change(
        author,
        async ({ trx, touch, record }) => {
          const before = await locked(trx, id);
          demandPresent(before, "area");
          demandFresh(before, input.revision);
          const after = { name: input.name.trim(), staffOnly: input.staffOnly };
          await unlessTaken(updateArea(trx, id, after), NAME_TAKEN);
          await touch("site");
          await record({
            action: "area.changed",
            entity: "area",
            entityId: id,
            before: { name: before.name, staffOnly: before.staffOnly },
            after,
          });
          return found(await selectArea(trx, id), "area");
        },
        { guarded: true },
      );
    },

    /** Throws `in-use` while a building or an access point names it; the street and the grounds always stay. */
    async remove(author: StaffAuthor, id: string): Promise<Area> {
      authorise(author.actor, "doors.write");
      return change(author, async ({ trx, at, touch, record }) => {
        const before = await locked(trx, id);
        if (before.removedAt !== undefined) return before;
        if (await areaInUse(trx, id)) throw refusal("in-use", "buildings or doors still lead to this area");
        await setRemoved(trx, "area", id, at);
        await touch("site");
        await record({ action: "area.removed", entity: "area", entityId: id, before: { name: before.name } });
        return found(await selectArea(trx, id), "area");
      });
    },

    async restore(author: StaffAuthor, id: string): Promise<Area> {
      authorise(author.actor, "doors.write");
      return change(author, async ({ trx, touch, record }) => {
        const before = await locked(trx, id);
        if (before.removedAt === undefined) return before;
        await unlessTaken(setRemoved(trx, "area", id, undefined), NAME_TAKEN);
        await touch("site");
        await record({ action: "area.restored", entity: "area", entityId: id, after: { name: before.name } });
        return found(await selectArea(trx, id), "area");
      });
    },
  };
}
