import type { LockdownLevel } from "@menshen/domain";
import { sql } from "kysely";
import { optionalMoment, type Reader, type Trx } from "../../database/database.ts";
import { optional } from "../../database/records.ts";
import { CommunityError } from "../../errors.ts";

export type ModeName = "normal" | "locked" | "held-open";
const MODES: readonly ModeName[] = ["normal", "locked", "held-open"];
const LEVELS: readonly LockdownLevel[] = [0, 1, 2, 3];

/** Desired mode of one portal. */
export interface DesiredMode {
  readonly portalId: string;
  readonly gateId: string;
  readonly mode: ModeName;
  readonly lockdown: LockdownLevel;
  readonly generation: number;
  readonly until?: number;
}

/** Any portal without a stored mode is in its normal one, generation 0. */
export async function selectModes(db: Reader, gateId?: string): Promise<readonly DesiredMode[]> {
  let select = db
    .selectFrom("portal")
    .leftJoin("portal_mode", "portal_mode.portal_id", "portal.id")
    .select([
      "portal.id",
      "portal.gate_id",
      "portal_mode.mode",
      "portal_mode.lockdown",
      "portal_mode.generation",
      "portal_mode.until",
    ])
    .where("portal.removed_at", "is", null)
    .orderBy("portal.name")
    .orderBy("portal.id");
  if (gateId !== undefined) select = select.where("portal.gate_id", "=", gateId);
  return (await select.execute()).map((row) => ({
    portalId: row.id,
    gateId: row.gate_id,
    mode: parseMode(row.mode ?? "normal"),
    lockdown: parseLevel(row.lockdown ?? 0),
    generation: row.generation ?? 0,
    ...optional("until", row.until),
  }));
}

function parseMode(text: string): ModeName {
  const mode = MODES.find((candidate) => candidate === text);
  if (mode === undefined) throw new CommunityError("internal", "stored mode is unknown");
  return mode;
}

function parseLevel(value: number): LockdownLevel {
  const level = LEVELS.find((candidate) => candidate === value);
  if (level === undefined) throw new CommunityError("internal", "stored lockdown level is unknown");
  return level;
}

/** Stores a mode under the next generation. */
export async function upsertMode(
  trx: Trx,
  mode: {
    readonly portalId: string;
    readonly mode: ModeName;
    readonly lockdown: number;
    readonly until: number | undefined;
  },
): Promise<void> {
  const values = {
    mode: mode.mode,
    lockdown: mode.lockdown,
    generation: sql<number>`nextval('portal_mode_generation')`,
    until: optionalMoment(mode.until),
  };
  await trx
    .insertInto("portal_mode")
    .values({ portal_id: mode.portalId, ...values })
    .onConflict((conflict) => conflict.column("portal_id").doUpdateSet(values))
    .execute();
}

/** Portals with an access point that leads into an area; all portals for no area. */
export async function selectPortalsInto(db: Reader, areaId: string | undefined): Promise<readonly string[]> {
  let select = db
    .selectFrom("portal")
    .select("portal.id")
    .where("portal.removed_at", "is", null)
    .orderBy("portal.id");
  if (areaId !== undefined) {
    select = select.where((eb) =>
      eb.exists(
        eb
          .selectFrom("access_point")
          .select("access_point.id")
          .whereRef("access_point.portal_id", "=", "portal.id")
          .where("access_point.to_area_id", "=", areaId)
          .where("access_point.removed_at", "is", null),
      ),
    );
  }
  return (await select.execute()).map((row) => row.id);
}
