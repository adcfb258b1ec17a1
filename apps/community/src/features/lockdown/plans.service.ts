import type { BodyOf, LockdownPlan, LockdownPlanCreate, lockdownPlanEndpoints, QueryOf } from "@menshen/wire";
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
import { insertPlan, selectPlan, selectPlannedPortals, selectPlans, updatePlan } from "./plans.store.ts";

const NAME_TAKEN = "another plan has this name";

export type PlansService = ReturnType<typeof makePlansService>;

/** Plans of lockdowns: which doors, for whom they stay open, for how long. */
export function makePlansService({ db, change }: { readonly db: Database; readonly change: ChangeRunner }) {
  async function locked(trx: Trx, id: string): Promise<LockdownPlan> {
    await lockRecord(trx, "lockdown_plan", id);
    return found(await selectPlan(trx, id), "plan");
  }

  async function demandDoors(trx: Trx, { portalIds }: LockdownPlanCreate): Promise<void> {
    if (portalIds === undefined) return;
    const present = await selectPlannedPortals(trx, portalIds);
    if (present.length < portalIds.length) throw refusal("not-found", "no such door");
  }

  const recorded = ({ name, rank, level, portalIds, durationMinutes }: LockdownPlanCreate) => ({
    name,
    rank,
    level,
    doors: portalIds?.length ?? "all",
    durationMinutes,
  });

  return {
    async list(actor: Actor, query: QueryOf<typeof lockdownPlanEndpoints.list>) {
      authorise(actor, "doors.read");
      return selectPlans(db, query);
    },

    async read(actor: Actor, id: string): Promise<LockdownPlan> {
      authorise(actor, "doors.read");
      return found(await selectPlan(db, id), "plan");
    },

    async create(author: StaffAuthor, input: LockdownPlanCreate): Promise<LockdownPlan> {
      authorise(author.actor, "doors.write");
      return change(author, async ({ trx, record }) => {
        await demandDoors(trx, input);
        const id = await unlessTaken(insertPlan(trx, input), NAME_TAKEN);
        await record({
          action: "lockdown-plan.created",
          entity: "lockdown-plan",
          entityId: id,
          after: recorded(input),
        });
        return found(await selectPlan(trx, id), "plan");
      });
    },

    /** A lockdown that runs stays as it was started. */
    async update(
      author: StaffAuthor,
      id: string,
      input: BodyOf<typeof lockdownPlanEndpoints.update>,
    ): Promise<LockdownPlan> {
      authorise(author.actor, "doors.write");
      return change(author, async ({ trx, record }) => {
        const before = await locked(trx, id);
        demandPresent(before, "plan");
        demandFresh(before, input.revision);
        await demandDoors(trx, input);
        await unlessTaken(updatePlan(trx, id, input), NAME_TAKEN);
        await record({
          action: "lockdown-plan.changed",
          entity: "lockdown-plan",
          entityId: id,
          before: recorded(before),
          after: recorded(input),
        });
        return found(await selectPlan(trx, id), "plan");
      });
    },

    async remove(author: StaffAuthor, id: string): Promise<LockdownPlan> {
      return setPresence(author, id, false);
    },

    async restore(author: StaffAuthor, id: string): Promise<LockdownPlan> {
      return setPresence(author, id, true);
    },
  };

  async function setPresence(author: StaffAuthor, id: string, isPresent: boolean): Promise<LockdownPlan> {
    authorise(author.actor, "doors.write");
    return change(author, async ({ trx, at, record }) => {
      const before = await locked(trx, id);
      if ((before.removedAt === undefined) === isPresent) return before;
      await unlessTaken(setRemoved(trx, "lockdown_plan", id, isPresent ? undefined : at), NAME_TAKEN);
      const name = { name: before.name };
      await record({
        action: isPresent ? "lockdown-plan.restored" : "lockdown-plan.removed",
        entity: "lockdown-plan",
        entityId: id,
        ...(isPresent ? { after: name } : { before: name }),
      });
      return found(await selectPlan(trx, id), "plan");
    });
  }
}
