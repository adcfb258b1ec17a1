import { randomUUID } from "node:crypto";
import type { BodyOf, Portal, PortalCreate, portalEndpoints, QueryOf } from "@menshen/wire";
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
import {
  countAccessPointsOf,
  insertPortal,
  isPresent,
  selectPortal,
  selectPortals,
  updatePortal,
} from "./doors.store.ts";

const NAME_TAKEN = "another door has this name";

export type PortalsService = ReturnType<typeof makePortalsService>;

/** Doors: openings with a lock, driven by a gate. */
export function makePortalsService({ db, change }: { readonly db: Database; readonly change: ChangeRunner }) {
  async function locked(trx: Trx, id: string): Promise<Portal> {
    await lockRecord(trx, "portal", id);
    return found(await selectPortal(trx, id), "door");
  }

  async function checked(trx: Trx, input: PortalCreate): Promise<PortalCreate> {
    if (!(await isPresent(trx, "gate", input.gateId))) throw refusal("not-found", "no such gate");
    if (input.buildingId !== undefined && !(await isPresent(trx, "building", input.buildingId))) {
      throw refusal("not-found", "no such building");
    }
    if (input.unlockScheduleId !== undefined && !(await isPresent(trx, "schedule", input.unlockScheduleId))) {
      throw refusal("not-found", "no such schedule");
    }
    return { ...input, name: input.name.trim() };
  }

  return {
    async list(actor: Actor, query: QueryOf<typeof portalEndpoints.list>) {
      authorise(actor, "doors.read");
      return selectPortals(db, query);
    },

    async read(actor: Actor, id: string): Promise<Portal> {
      authorise(actor, "doors.read");
      return found(await selectPortal(db, id), "door");
    },

    async create(author: StaffAuthor, input: PortalCreate): Promise<Portal> {
      authorise(author.actor, "doors.write");
      return change(author, async ({ trx, touch, record }) => {
        const id = randomUUID();
        const after = await checked(trx, input);
        await unlessTaken(insertPortal(trx, id, after), NAME_TAKEN);
        await touch("site");
        await record({ action: "portal.created", entity: "portal", entityId: id, after: { ...after } });
        return found(await selectPortal(trx, id), "door");
      });
    },

    /** Throws `way-in-lost` if it stood unlocked when somebody needed it, and no longer would. */
    async update(
      author: StaffAuthor,
      id: string,
      input: BodyOf<typeof portalEndpoints.update>,
    ): Promise<Portal> {
      authorise(author.actor, "doors.write");
      return change(
        author,
        async ({ trx, touch, record }) => {
          const before = await locked(trx, id);
          demandPresent(before, "door");
          demandFresh(before, input.revision);
          const { revision: _, ...fields } = input;
          const after = await checked(trx, fields);
          await unlessTaken(updatePortal(trx, id, after), NAME_TAKEN);
          await touch("site");
          await record({
            action: "portal.changed",
            entity: "portal",
            entityId: id,
            before: fieldsOf(before),
            after: { ...after },
          });
          return found(await selectPortal(trx, id), "door");
        },
        { guarded: true },
      );
    },

    /** Throws `in-use` while it has access points. */
    async remove(author: StaffAuthor, id: string): Promise<Portal> {
      authorise(author.actor, "doors.write");
      return change(author, async ({ trx, at, touch, record }) => {
        const before = await locked(trx, id);
        if (before.removedAt !== undefined) return before;
        if ((await countAccessPointsOf(trx, id)) > 0) {
          throw refusal("in-use", "this door has access points: remove them first");
        }
        await setRemoved(trx, "portal", id, at);
        await touch("site");
        await record({
          action: "portal.removed",
          entity: "portal",
          entityId: id,
          before: { name: before.name },
        });
        return found(await selectPortal(trx, id), "door");
      });
    },

    async restore(author: StaffAuthor, id: string): Promise<Portal> {
      authorise(author.actor, "doors.write");
      return change(author, async ({ trx, touch, record }) => {
        const before = await locked(trx, id);
        if (before.removedAt === undefined) return before;
        await checked(trx, fieldsOf(before));
        await unlessTaken(setRemoved(trx, "portal", id, undefined), NAME_TAKEN);
        await touch("site");
        await record({
          action: "portal.restored",
          entity: "portal",
          entityId: id,
          after: { name: before.name },
        });
        return found(await selectPortal(trx, id), "door");
      });
    },
  };
}

function fieldsOf(portal: Portal) {
  const { id: _, revision: __, removedAt: ___, ...fields } = portal;
  return fields;
}
