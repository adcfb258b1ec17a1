import { randomUUID } from "node:crypto";
import type { LockdownPlan, LockdownPlanCreate, lockdownPlanEndpoints, QueryOf } from "@menshen/wire";
import { sql } from "kysely";
import { cutPage, decodeCursor } from "../../database/cursor.ts";
import type { Reader, Trx } from "../../database/database.ts";
import { optional } from "../../database/records.ts";

const DEFAULT_LIMIT = 100;

/** Doors that a plan would close: those that are there of its own, or all. */
export async function selectPlannedPortals(
  db: Reader,
  portalIds: readonly string[] | undefined,
): Promise<readonly string[]> {
  let select = db.selectFrom("portal").select("id").where("removed_at", "is", null).orderBy("id");
  if (portalIds !== undefined) select = select.where("id", "in", [...portalIds]);
  return (await select.execute()).map(({ id }) => id);
}

function plans(db: Reader) {
  return db
    .selectFrom("lockdown_plan")
    .selectAll()
    .select(
      sql<number>`(select count(*)::int from portal where portal.removed_at is null
        and (lockdown_plan.portal_ids is null or portal.id = any(lockdown_plan.portal_ids)))`.as(
        "door_count",
      ),
    );
}

type PlanRow = Awaited<ReturnType<ReturnType<typeof plans>["executeTakeFirstOrThrow"]>>;

function planView(row: PlanRow): LockdownPlan {
  return {
    id: row.id,
    revision: row.revision,
    name: row.name,
    rank: row.rank,
    level: row.level,
    durationMinutes: row.duration_minutes,
    doorCount: row.door_count,
    ...optional("portalIds", row.portal_ids === null ? null : [...row.portal_ids]),
    ...optional("instruction", row.instruction),
    ...optional("removedAt", row.removed_at),
  };
}

export async function selectPlan(db: Reader, id: string): Promise<LockdownPlan | undefined> {
  const row = await plans(db).where("id", "=", id).executeTakeFirst();
  return row && planView(row);
}

/** The most severe first. */
export async function selectPlans(db: Reader, query: QueryOf<typeof lockdownPlanEndpoints.list>) {
  const limit = query.limit ?? DEFAULT_LIMIT;
  let select = plans(db)
    .where("removed_at", query.removed ? "is not" : "is", null)
    .orderBy("rank")
    .orderBy("id")
    .limit(limit + 1);
  if (query.cursor !== undefined) {
    const [rank, id] = decodeCursor(query.cursor, ["number", "string"]);
    select = select.where((eb) => eb(eb.refTuple("rank", "id"), ">", eb.tuple(eb.val(rank), eb.val(id))));
  }
  const { rows, ...page } = cutPage(await select.execute(), limit, (row) => [row.rank, row.id]);
  return { items: rows.map(planView), ...page };
}

const columns = (plan: LockdownPlanCreate) => ({
  name: plan.name.trim(),
  rank: plan.rank,
  level: plan.level,
  portal_ids: plan.portalIds ?? null,
  duration_minutes: plan.durationMinutes,
  instruction: plan.instruction?.trim() ?? null,
});

export async function insertPlan(trx: Trx, plan: LockdownPlanCreate): Promise<string> {
  const id = randomUUID();
  await trx
    .insertInto("lockdown_plan")
    .values({ id, ...columns(plan) })
    .execute();
  return id;
}

export async function updatePlan(trx: Trx, id: string, plan: LockdownPlanCreate): Promise<void> {
  await trx
    .updateTable("lockdown_plan")
    .set((eb) => ({ ...columns(plan), revision: eb("revision", "+", 1) }))
    .where("id", "=", id)
    .execute();
}
