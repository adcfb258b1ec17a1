import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";

export interface PortalEntry {
  readonly id: string;
  readonly name: string;
  readonly gateId: string;
  readonly buildingId: string | undefined;
  readonly position: { readonly x: number; readonly y: number } | undefined;
  readonly removed: boolean;
}

/** Names of the places that events speak of; removed ones too, since old events still name them. */
export interface Directory {
  readonly gates: ReadonlyMap<string, string>;
  readonly portals: ReadonlyMap<string, PortalEntry>;
  readonly accessPoints: ReadonlyMap<string, { readonly name: string; readonly portalId: string }>;
  readonly readers: ReadonlyMap<
    string,
    { readonly name: string; readonly accessPointId: string | undefined }
  >;
}

/** Names change rarely and events come often: what was read is good for this long. */
const FRESH_MS = 2_000;

/** Reads the directory, at most every two seconds. */
export function makeDirectory(db: Database, clock: Clock): () => Promise<Directory> {
  let last: { readonly at: number; readonly directory: Promise<Directory> } | undefined;
  return () => {
    const now = clock.now();
    if (last === undefined || now - last.at >= FRESH_MS || now < last.at) {
      const entry = { at: now, directory: readDirectory(db) };
      last = entry;
      // A reading that failed is not kept.
      entry.directory.catch(() => {
        if (last === entry) last = undefined;
      });
    }
    return last.directory;
  };
}

async function readDirectory(db: Database): Promise<Directory> {
  const gates = await db.selectFrom("gate").select(["id", "name"]).execute();
  const portals = await db.selectFrom("portal").selectAll().orderBy("name").orderBy("id").execute();
  const points = await db.selectFrom("access_point").select(["id", "name", "portal_id"]).execute();
  const readers = await db.selectFrom("reader").select(["id", "name", "access_point_id"]).execute();
  return {
    gates: new Map(gates.map((row) => [row.id, row.name])),
    portals: new Map(
      portals.map((row) => [
        row.id,
        {
          id: row.id,
          name: row.name,
          gateId: row.gate_id,
          buildingId: row.building_id ?? undefined,
          position: row.plan_x === null || row.plan_y === null ? undefined : { x: row.plan_x, y: row.plan_y },
          removed: row.removed_at !== null,
        },
      ]),
    ),
    accessPoints: new Map(points.map((row) => [row.id, { name: row.name, portalId: row.portal_id }])),
    readers: new Map(
      readers.map((row) => [row.id, { name: row.name, accessPointId: row.access_point_id ?? undefined }]),
    ),
  };
}
