import type { Reader } from "../../database/database.ts";

/** Gates with a door into or out of an area, in a fixed order. */
export async function selectGatesOfArea(db: Reader, areaId: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom("access_point")
    .innerJoin("portal", "portal.id", "access_point.portal_id")
    .select("portal.gate_id")
    .distinct()
    .where("access_point.removed_at", "is", null)
    .where("portal.removed_at", "is", null)
    .where((eb) => eb.or([eb("from_area_id", "=", areaId), eb("to_area_id", "=", areaId)]))
    .orderBy("portal.gate_id")
    .execute();
  return rows.map((row) => row.gate_id);
}

/** Gates with a door into or out of an area that has a rule, in a fixed order. */
export async function selectCountingGates(db: Reader): Promise<readonly string[]> {
  const rows = await db
    .selectFrom("area_rule")
    .innerJoin("access_point", (join) =>
      join.on((eb) =>
        eb.or([
          eb("from_area_id", "=", eb.ref("area_rule.area_id")),
          eb("to_area_id", "=", eb.ref("area_rule.area_id")),
        ]),
      ),
    )
    .innerJoin("portal", "portal.id", "access_point.portal_id")
    .select("portal.gate_id")
    .distinct()
    .where("access_point.removed_at", "is", null)
    .where("portal.removed_at", "is", null)
    .orderBy("portal.gate_id")
    .execute();
  return rows.map((row) => row.gate_id);
}
