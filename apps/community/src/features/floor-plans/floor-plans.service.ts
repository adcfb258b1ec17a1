import { createHash, randomUUID } from "node:crypto";
import type { BodyOf, FloorPlan, floorPlanEndpoints, ParamsOf, QueryOf, ResponseOf } from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { ChangeRunner, ChangeScope } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import {
  demandFresh,
  demandPresent,
  found,
  lockRecord,
  setRemoved,
  unlessTaken,
} from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import type { Cleaner } from "./cleaner.ts";
import {
  deleteRemoved,
  insertFloorPlan,
  replaceAreas,
  replaceDoors,
  selectFloorPlan,
  selectFloorPlans,
  selectImage,
  selectPresent,
  updateImage,
  updateName,
} from "./floor-plans.store.ts";
import type { CleanImage } from "./image-outcome.ts";

const NAME_TAKEN = "another floor plan has this name";
/** For which a plan that was taken away can be put back. */
const KEPT_MS = 30 * 86_400_000;
/** Changes with every change of the image, so that its address does. */
const VERSION_BYTES = 8;

type Endpoints = typeof floorPlanEndpoints;
type Uploaded = ResponseOf<Endpoints["create"]>;
export type FloorPlansService = ReturnType<typeof makeFloorPlansService>;

/** Floor plans, with the doors and areas on them. Nothing at a door follows from them. */
export function makeFloorPlansService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly clean: Cleaner;
}) {
  const { db, clock, change, clean } = dependencies;

  /** Throws `invalid-request` with the fault as the message of the field. */
  async function cleaned(bytes: Uint8Array): Promise<{ image: CleanImage; version: Uint8Array }> {
    const outcome = await clean(bytes);
    if (!outcome.ok) {
      throw refusal("invalid-request", "this file cannot be taken as a floor plan", {
        fields: [{ path: "body", message: outcome.fault }],
      });
    }
    const { image } = outcome;
    return { image, version: createHash("sha256").update(image.bytes).digest().subarray(0, VERSION_BYTES) };
  }

  async function locked({ trx }: ChangeScope, id: string, revision?: number): Promise<FloorPlan> {
    await lockRecord(trx, "floor_plan", id);
    const plan = found(await selectFloorPlan(trx, id), "floor plan");
    if (revision === undefined) return plan;
    demandPresent(plan, "floor plan");
    demandFresh(plan, revision);
    return plan;
  }

  /** One change of a plan that is not removed, made from the state that its author saw. */
  function changed<T>(
    author: StaffAuthor,
    id: string,
    revision: number,
    work: (scope: ChangeScope, before: FloorPlan) => Promise<T>,
  ): Promise<FloorPlan> {
    return change(author, async (scope) => {
      await work(scope, await locked(scope, id, revision));
      return found(await selectFloorPlan(scope.trx, id), "floor plan");
    });
  }

  const about = (action: string, entityId: string) => ({ action, entity: "floor-plan", entityId });

  return {
    async list(actor: Actor): Promise<ResponseOf<Endpoints["list"]>> {
      authorise(actor, "doors.read");
      return { items: await selectFloorPlans(db) };
    },

    async image(actor: Actor, { id, version }: ParamsOf<Endpoints["image"]>) {
      authorise(actor, "doors.read");
      return found(await selectImage(db, id, version), "image");
    },

    /** @param file reads what is uploaded; called only for somebody who may */
    async create(
      author: StaffAuthor,
      input: QueryOf<Endpoints["create"]>,
      file: () => Promise<Uint8Array>,
    ): Promise<Uploaded> {
      authorise(author.actor, "plans.write");
      const { image, version } = await cleaned(await file());
      return change(author, async ({ trx, record }) => {
        const id = randomUUID();
        const name = input.name.trim();
        await unlessTaken(insertFloorPlan(trx, { id, name, image, version }), NAME_TAKEN);
        const after = { name, type: image.type, sizeBytes: image.bytes.length };
        await record({ ...about("floor-plan.created", id), after });
        const plan = found(await selectFloorPlan(trx, id), "floor plan");
        return { plan, removed: [...image.removed] };
      });
    },

    /** Throws `conflict` for a name in use, `stale-revision`. */
    async rename(author: StaffAuthor, id: string, input: BodyOf<Endpoints["rename"]>): Promise<FloorPlan> {
      authorise(author.actor, "plans.write");
      const name = input.name.trim();
      return changed(author, id, input.revision, async ({ trx, record }, before) => {
        await unlessTaken(updateName(trx, id, name), NAME_TAKEN);
        await record({
          ...about("floor-plan.renamed", id),
          before: { name: before.name },
          after: { name },
        });
      });
    },

    /**
     * Throws `stale-revision`.
     *
     * @param file as for `create`
     */
    async replace(
      author: StaffAuthor,
      id: string,
      input: QueryOf<Endpoints["replace"]>,
      file: () => Promise<Uint8Array>,
    ): Promise<Uploaded> {
      authorise(author.actor, "plans.write");
      const { image, version } = await cleaned(await file());
      const plan = await changed(author, id, input.revision, async ({ trx, record }, before) => {
        await updateImage(trx, id, image, version);
        await record({
          ...about("floor-plan.replaced", id),
          before: { type: before.type, sizeBytes: before.sizeBytes },
          after: { type: image.type, sizeBytes: image.bytes.length },
        });
      });
      return { plan, removed: [...image.removed] };
    },

    /** Throws `invalid-request` for a door that is not there or named twice, `stale-revision`. */
    async placeDoors(
      author: StaffAuthor,
      id: string,
      { doors, revision }: BodyOf<Endpoints["placeDoors"]>,
    ): Promise<FloorPlan> {
      authorise(author.actor, "plans.write");
      const ids = distinct(doors.map(({ portalId }) => portalId));
      return changed(author, id, revision, async ({ trx, record }, before) => {
        demandAll(await selectPresent(trx, "portal", ids), ids, "door");
        await replaceDoors(trx, id, doors);
        const after = await selectFloorPlan(trx, id);
        await record({
          ...about("floor-plan.doors-placed", id),
          before: { doors: before.doors },
          after: { doors: after?.doors },
        });
      });
    },

    /** Throws `invalid-request` for an area that is not there or named twice, `stale-revision`. */
    async drawAreas(
      author: StaffAuthor,
      id: string,
      { areas, revision }: BodyOf<Endpoints["drawAreas"]>,
    ): Promise<FloorPlan> {
      authorise(author.actor, "plans.write");
      const ids = distinct(areas.map(({ areaId }) => areaId));
      return changed(author, id, revision, async ({ trx, record }, before) => {
        demandAll(await selectPresent(trx, "area", ids), ids, "area");
        await replaceAreas(trx, id, areas);
        const after = await selectFloorPlan(trx, id);
        await record({
          ...about("floor-plan.areas-drawn", id),
          before: { areas: before.areas },
          after: { areas: after?.areas },
        });
      });
    },

    async remove(author: StaffAuthor, id: string): Promise<FloorPlan> {
      authorise(author.actor, "plans.write");
      return change(author, async (scope) => {
        const before = await locked(scope, id);
        if (before.removedAt !== undefined) return before;
        await setRemoved(scope.trx, "floor_plan", id, scope.at);
        await scope.record({ ...about("floor-plan.removed", id), before: { name: before.name } });
        return found(await selectFloorPlan(scope.trx, id), "floor plan");
      });
    },

    /** Throws `conflict` if its name was given to another meanwhile. */
    async restore(author: StaffAuthor, id: string): Promise<FloorPlan> {
      authorise(author.actor, "plans.write");
      return change(author, async (scope) => {
        const before = await locked(scope, id);
        if (before.removedAt === undefined) return before;
        await unlessTaken(setRemoved(scope.trx, "floor_plan", id, undefined), NAME_TAKEN);
        await scope.record({ ...about("floor-plan.restored", id), after: { name: before.name } });
        return found(await selectFloorPlan(scope.trx, id), "floor plan");
      });
    },

    /** Deletes for good what was taken away long ago. */
    async tidy(): Promise<void> {
      await deleteRemoved(db, clock.now() - KEPT_MS);
    },
  };
}

function distinct(ids: readonly string[]): readonly string[] {
  if (new Set(ids).size < ids.length) throw refusal("invalid-request", "one is named twice");
  return ids;
}

function demandAll(present: ReadonlySet<string>, ids: readonly string[], what: string): void {
  if (ids.some((id) => !present.has(id)))
    throw refusal("invalid-request", `no such ${what}, or it was removed`);
}
