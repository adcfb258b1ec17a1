import { randomUUID } from "node:crypto";
import type {
  BodyOf,
  Building,
  BuildingCreate,
  buildingEndpoints,
  Dwelling,
  DwellingCreate,
  dwellingEndpoints,
  QueryOf,
} from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
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
import { selectCommunity } from "../community/index.ts";
import {
  areaExists,
  countPortalsOf,
  countResidenciesOf,
  insertBuilding,
  insertDwelling,
  selectBuilding,
  selectBuildings,
  selectDwelling,
  selectDwellings,
  updateBuilding,
  updateDwelling,
} from "./dwellings.store.ts";

export interface DwellingsDependencies {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
}

type BuildingUpdate = BodyOf<typeof buildingEndpoints.update>;
type DwellingUpdate = BodyOf<typeof dwellingEndpoints.update>;

const NAME_TAKEN_BUILDING = "another building has this name";
const NAME_TAKEN_DWELLING = "another dwelling of this building has this name";

export type DwellingsService = ReturnType<typeof makeDwellingsService>;

/** Buildings and the dwellings in them. */
export function makeDwellingsService({ db, clock, change }: DwellingsDependencies) {
  async function lockedBuilding(trx: Trx, id: string): Promise<Building> {
    await lockRecord(trx, "building", id);
    return found(await selectBuilding(trx, id), "building");
  }

  async function lockedDwelling(trx: Trx, id: string): Promise<Dwelling> {
    await lockRecord(trx, "dwelling", id);
    return found(await selectDwelling(trx, id, clock.now()), "dwelling");
  }

  async function areaOf(trx: Trx, areaId: string | undefined): Promise<string> {
    if (areaId === undefined) return found(await selectCommunity(trx), "community").groundsAreaId;
    if (!(await areaExists(trx, areaId))) throw refusal("not-found", "no such area");
    return areaId;
  }

  return {
    async listBuildings(actor: Actor, query: QueryOf<typeof buildingEndpoints.list>) {
      authorise(actor, "doors.read");
      return selectBuildings(db, query);
    },

    async readBuilding(actor: Actor, id: string): Promise<Building> {
      authorise(actor, "doors.read");
      return found(await selectBuilding(db, id), "building");
    },

    async createBuilding(author: StaffAuthor, input: BuildingCreate): Promise<Building> {
      authorise(author.actor, "homes.write");
      return change(
        author,
        async ({ trx, touch, record }) => {
          const id = randomUUID();
          const after = { name: input.name.trim(), areaId: await areaOf(trx, input.areaId) };
          await unlessTaken(insertBuilding(trx, { id, ...after }), NAME_TAKEN_BUILDING);
          await touch("site");
          await record({ action: "building.created", entity: "building", entityId: id, after });
          return found(await selectBuilding(trx, id), "building");
        },
        { guarded: true },
      );
    },

    /** Throws `way-in-lost` if its residents would not reach the new area. */
    async updateBuilding(author: StaffAuthor, id: string, input: BuildingUpdate): Promise<Building> {
      authorise(author.actor, "homes.write");
      return change(
        author,
        async ({ trx, touch, record }) => {
          const before = await lockedBuilding(trx, id);
          demandPresent(before, "building");
          demandFresh(before, input.revision);
          const after = { name: input.name.trim(), areaId: await areaOf(trx, input.areaId ?? before.areaId) };
          await unlessTaken(updateBuilding(trx, id, after), NAME_TAKEN_BUILDING);
          await touch("site");
          await record({
            action: "building.changed",
            entity: "building",
            entityId: id,
            before: { name: before.name, areaId: before.areaId },
            after,
          });
          return found(await selectBuilding(trx, id), "building");
        },
        { guarded: true },
      );
    },

    /** Throws `in-use` while it has dwellings or doors. */
    async removeBuilding(author: StaffAuthor, id: string): Promise<Building> {
      authorise(author.actor, "homes.write");
      return change(author, async ({ trx, at, touch, record }) => {
        const before = await lockedBuilding(trx, id);
        if (before.removedAt !== undefined) return before;
        if (before.dwellingCount > 0)
          throw refusal("in-use", `this building has ${before.dwellingCount} dwellings`);
        if ((await countPortalsOf(trx, id)) > 0) throw refusal("in-use", "this building has doors");
        await setRemoved(trx, "building", id, at);
        await touch("site");
        await record({
          action: "building.removed",
          entity: "building",
          entityId: id,
          before: { name: before.name },
        });
        return found(await selectBuilding(trx, id), "building");
      });
    },

    async restoreBuilding(author: StaffAuthor, id: string): Promise<Building> {
      authorise(author.actor, "homes.write");
      return change(author, async ({ trx, touch, record }) => {
        const before = await lockedBuilding(trx, id);
        if (before.removedAt === undefined) return before;
        await unlessTaken(setRemoved(trx, "building", id, undefined), NAME_TAKEN_BUILDING);
        await touch("site");
        await record({
          action: "building.restored",
          entity: "building",
          entityId: id,
          after: { name: before.name },
        });
        return found(await selectBuilding(trx, id), "building");
      });
    },

    async listDwellings(actor: Actor, query: QueryOf<typeof dwellingEndpoints.list>) {
      authorise(actor, "homes.read");
      return selectDwellings(db, query, clock.now());
    },

    async readDwelling(actor: Actor, id: string): Promise<Dwelling> {
      authorise(actor, "homes.read");
      return found(await selectDwelling(db, id, clock.now()), "dwelling");
    },

    async createDwelling(author: StaffAuthor, input: DwellingCreate): Promise<Dwelling> {
      authorise(author.actor, "homes.write");
      return change(author, async ({ trx, at, touch, record }) => {
        demandPresent(await lockedBuilding(trx, input.buildingId), "building");
        const id = randomUUID();
        const after = { buildingId: input.buildingId, name: input.name.trim() };
        await unlessTaken(insertDwelling(trx, { id, ...after }), NAME_TAKEN_DWELLING);
        await touch("site");
        await record({ action: "dwelling.created", entity: "dwelling", entityId: id, after });
        return found(await selectDwelling(trx, id, at), "dwelling");
      });
    },

    /** Throws `way-in-lost` if its residents would have too few ways into the other building. */
    async updateDwelling(author: StaffAuthor, id: string, input: DwellingUpdate): Promise<Dwelling> {
      authorise(author.actor, "homes.write");
      return change(
        author,
        async ({ trx, at, touch, record }) => {
          const before = await lockedDwelling(trx, id);
          demandPresent(before, "dwelling");
          demandFresh(before, input.revision);
          demandPresent(await lockedBuilding(trx, input.buildingId), "building");
          const after = { buildingId: input.buildingId, name: input.name.trim() };
          await unlessTaken(updateDwelling(trx, id, after), NAME_TAKEN_DWELLING);
          await touch("site");
          await record({
            action: "dwelling.changed",
            entity: "dwelling",
            entityId: id,
            before: { buildingId: before.buildingId, name: before.name },
            after,
          });
          return found(await selectDwelling(trx, id, at), "dwelling");
        },
        { guarded: true },
      );
    },

    /** Throws `in-use` while somebody lives there or will. */
    async removeDwelling(author: StaffAuthor, id: string): Promise<Dwelling> {
      authorise(author.actor, "homes.write");
      return change(author, async ({ trx, at, touch, record }) => {
        const before = await lockedDwelling(trx, id);
        if (before.removedAt !== undefined) return before;
        if ((await countResidenciesOf(trx, id, at)) > 0) {
          throw refusal("in-use", "somebody lives there or will: move them out first");
        }
        await setRemoved(trx, "dwelling", id, at);
        await touch("site");
        await record({
          action: "dwelling.removed",
          entity: "dwelling",
          entityId: id,
          before: { name: before.name },
        });
        return found(await selectDwelling(trx, id, at), "dwelling");
      });
    },

    async restoreDwelling(author: StaffAuthor, id: string): Promise<Dwelling> {
      authorise(author.actor, "homes.write");
      return change(author, async ({ trx, at, touch, record }) => {
        const before = await lockedDwelling(trx, id);
        if (before.removedAt === undefined) return before;
        demandPresent(await lockedBuilding(trx, before.buildingId), "building");
        await unlessTaken(setRemoved(trx, "dwelling", id, undefined), NAME_TAKEN_DWELLING);
        await touch("site");
        await record({
          action: "dwelling.restored",
          entity: "dwelling",
          entityId: id,
          after: { name: before.name },
        });
        return found(await selectDwelling(trx, id, at), "dwelling");
      });
    },
  };
}
