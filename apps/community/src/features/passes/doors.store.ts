import type { Reader } from "../../database/database.ts";

/** A door as those see it who may pass. */
export interface StoredDoor {
  readonly portalId: string;
  readonly name: string;
  readonly gateId: string;
  readonly doorGroup: number;
  /** Those asked for. */
  readonly accessPointIds: readonly string[];
}

/** Doors that these access points lead through, by name. */
export async function selectDoors(
  db: Reader,
  accessPointIds: ReadonlySet<string>,
): Promise<readonly StoredDoor[]> {
  if (accessPointIds.size === 0) return [];
  const rows = await db
    .selectFrom("access_point")
    .innerJoin("portal", "portal.id", "access_point.portal_id")
    .innerJoin("gate", "gate.id", "portal.gate_id")
    .select([
      "access_point.id as access_point_id",
      "portal.id as portal_id",
      "portal.name",
      "gate.id as gate_id",
      "gate.door_group",
    ])
    .where("access_point.removed_at", "is", null)
    .where("portal.removed_at", "is", null)
    .where("gate.removed_at", "is", null)
    .orderBy("portal.name")
    .orderBy("portal.id")
    .orderBy("access_point.id")
    .execute();
  const doors = new Map<string, StoredDoor & { readonly accessPointIds: string[] }>();
  for (const row of rows) {
    if (!accessPointIds.has(row.access_point_id)) continue;
    const door = doors.get(row.portal_id) ?? {
      portalId: row.portal_id,
      name: row.name,
      gateId: row.gate_id,
      doorGroup: row.door_group,
      accessPointIds: [],
    };
    door.accessPointIds.push(row.access_point_id);
    doors.set(row.portal_id, door);
  }
  return [...doors.values()];
}
