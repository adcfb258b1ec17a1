import type { FloorPlan, FloorPlanType } from "@menshen/wire";
import { sql } from "kysely";
import { moment, type Reader, type Trx } from "../../database/database.ts";
import { optional } from "../../database/records.ts";
import type { CleanImage } from "./image-outcome.ts";

type PlanDoors = FloorPlan["doors"];
type PlanAreas = FloorPlan["areas"];

interface PlanRow {
  readonly id: string;
  readonly name: string;
  readonly type: FloorPlanType;
  readonly size_bytes: number;
  readonly width: number;
  readonly height: number;
  readonly version: string;
  readonly revision: number;
  readonly removed_at: number | null;
  readonly doors: PlanDoors;
  readonly areas: PlanAreas;
}

async function selectPlans(db: Reader, id: string | undefined): Promise<FloorPlan[]> {
  const which = id === undefined ? sql`p.removed_at is null` : sql`p.id = ${id}`;
  const { rows } = await sql<PlanRow>`
    select p.id, p.name, p.type, length(p.image) as size_bytes, p.width, p.height, encode(p.version, 'hex') as version,
      p.revision, p.removed_at,
      coalesce((select json_agg(json_build_object('portalId', d.id, 'x', d.plan_x, 'y', d.plan_y) order by d.name, d.id)
        from portal d where d.plan_id = p.id and d.plan_x is not null and d.removed_at is null), '[]') as doors,
      coalesce((select json_agg(json_build_object('areaId', a.area_id, 'corners', a.corners) order by r.name, r.id)
        from floor_plan_area a join area r on r.id = a.area_id
        where a.plan_id = p.id and r.removed_at is null), '[]') as areas
    from floor_plan p where ${which} order by p.name, p.id`.execute(db);
  return rows.map(({ removed_at, size_bytes, version, ...row }) => ({
    ...row,
    sizeBytes: size_bytes,
    imagePath: `/api/v1/floor-plans/${row.id}/image/${version}`,
    ...optional("removedAt", removed_at),
  }));
}

/** Plans that are not removed, by name. */
export const selectFloorPlans = (db: Reader): Promise<FloorPlan[]> => selectPlans(db, undefined);

export async function selectFloorPlan(db: Reader, id: string): Promise<FloorPlan | undefined> {
  return (await selectPlans(db, id))[0];
}

/** The stored image of this version; a removed plan's too, for the screens that still show it. */
export async function selectImage(
  db: Reader,
  id: string,
  version: string,
): Promise<{ readonly type: string; readonly image: Uint8Array } | undefined> {
  return db
    .selectFrom("floor_plan")
    .select(["type", "image"])
    .where("id", "=", id)
    .where("version", "=", Buffer.from(version, "hex"))
    .executeTakeFirst();
}

const imageColumns = (image: CleanImage, version: Uint8Array) => ({
  type: image.type,
  width: image.width,
  height: image.height,
  image: Buffer.from(image.bytes),
  version: Buffer.from(version),
});

export async function insertFloorPlan(
  trx: Trx,
  plan: {
    readonly id: string;
    readonly name: string;
    readonly image: CleanImage;
    readonly version: Uint8Array;
  },
): Promise<void> {
  await trx
    .insertInto("floor_plan")
    .values({ id: plan.id, name: plan.name, ...imageColumns(plan.image, plan.version) })
    .execute();
}

export async function updateName(trx: Trx, id: string, name: string): Promise<void> {
  await trx
    .updateTable("floor_plan")
    .set((eb) => ({ name, revision: eb("revision", "+", 1) }))
    .where("id", "=", id)
    .execute();
}

export async function updateImage(
  trx: Trx,
  id: string,
  image: CleanImage,
  version: Uint8Array,
): Promise<void> {
  await trx
    .updateTable("floor_plan")
    .set((eb) => ({ ...imageColumns(image, version), revision: eb("revision", "+", 1) }))
    .where("id", "=", id)
    .execute();
}

/** Ids among these of doors that are not removed. */
export async function selectPresent(
  trx: Trx,
  table: "portal" | "area",
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const rows = await trx
    .selectFrom(table)
    .select("id")
    .where("id", "in", ids)
    .where("removed_at", "is", null)
    .execute();
  return new Set(rows.map(({ id }) => id));
}

/**
 * Puts doors where they stand on this plan, and takes all others off it. Only doors that move get a new revision: a form
 * that was opened before would put them back.
 */
export async function replaceDoors(trx: Trx, planId: string, doors: PlanDoors): Promise<void> {
  const ids = doors.map(({ portalId }) => portalId);
  await sql`update portal set plan_id = null, plan_x = null, plan_y = null, revision = revision + 1
    where plan_id = ${planId} and not id = any (${ids}::uuid[])`.execute(trx);
  await sql`update portal d set plan_id = ${planId}, plan_x = n.x, plan_y = n.y, revision = d.revision + 1
    from unnest(${ids}::uuid[], ${doors.map(({ x }) => x)}::smallint[], ${doors.map(({ y }) => y)}::smallint[])
      as n (id, x, y)
    where d.id = n.id and (d.plan_id, d.plan_x, d.plan_y) is distinct from (${planId}::uuid, n.x, n.y)`.execute(
    trx,
  );
  await raiseRevision(trx, planId);
}

export async function replaceAreas(trx: Trx, planId: string, areas: PlanAreas): Promise<void> {
  await trx.deleteFrom("floor_plan_area").where("plan_id", "=", planId).execute();
  if (areas.length > 0) {
    await trx
      .insertInto("floor_plan_area")
      .values(
        areas.map(({ areaId, corners }) => ({
          plan_id: planId,
          area_id: areaId,
          corners: JSON.stringify(corners),
        })),
      )
      .execute();
  }
  await raiseRevision(trx, planId);
}

async function raiseRevision(trx: Trx, planId: string): Promise<void> {
  await trx
    .updateTable("floor_plan")
    .set((eb) => ({ revision: eb("revision", "+", 1) }))
    .where("id", "=", planId)
    .execute();
}

/** Deletes plans that were taken away before `before`; doors that still stood on them stand on none. */
export async function deleteRemoved(db: Reader, before: number): Promise<void> {
  await sql`delete from floor_plan where removed_at < ${moment(before)}`.execute(db);
}
