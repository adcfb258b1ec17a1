import type { LockdownLevel } from "@menshen/domain";
import { sql } from "kysely";
import { moment, optionalMoment, type Reader, type Trx } from "../../database/database.ts";
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
  /** What somebody set for this one door, apart from what a lockdown makes of it while it lasts. */
  readonly own: OwnMode;
}

/** What somebody set for one door. */
export interface OwnMode {
  readonly mode: ModeName;
  readonly lockdown: LockdownLevel;
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
      "portal_mode.own_mode",
      "portal_mode.own_lockdown",
      "portal_mode.own_until",
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
    own: {
      mode: parseMode(row.own_mode ?? "normal"),
      lockdown: parseLevel(row.own_lockdown ?? 0),
      ...optional("until", row.own_until),
    },
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

/** Stores what somebody set for one door; {@link settleModes} makes of it what holds. */
export async function setOwnMode(
  trx: Trx,
  own: {
    readonly portalId: string;
    readonly mode: ModeName;
    readonly lockdown: number;
    readonly until: number | undefined;
  },
): Promise<void> {
  const values = {
    own_mode: own.mode,
    own_lockdown: own.lockdown,
    own_until: optionalMoment(own.until),
  };
  await trx
    .insertInto("portal_mode")
    .values({
      portal_id: own.portalId,
      mode: "normal",
      lockdown: 0,
      generation: sql<number>`nextval('portal_mode_generation')`,
      ...values,
    })
    .onConflict((conflict) => conflict.column("portal_id").doUpdateSet(values))
    .execute();
}

/**
 * Brings the desired modes of doors up to what holds at `now`, under the next generation: what was set for the door and,
 * if it is stricter, the highest level of the lockdowns that are on. A gate that is offline then ends that lockdown by
 * itself and falls back to the normal mode; a lower one that lasts longer reaches it with the next contact.
 */
export async function settleModes(trx: Trx, portalIds: readonly string[], now: number): Promise<void> {
  await sql`
    with concerned as (select unnest(${[...portalIds]}::uuid[]) as portal_id),
    strictest as (
      select distinct on (portal_id) portal_id, level, until
      from (select unnest(portal_ids) as portal_id, level, until from lockdown
        where not drill and ended_at is null and until > ${moment(now)}) as running
      order by portal_id, level desc, until desc
    ),
    own as (
      select concerned.portal_id,
        case when lives then own_mode else 'normal' end as mode,
        case when lives then own_lockdown else 0 end as lockdown,
        case when lives then own_until end as until
      from concerned
      left join portal_mode on portal_mode.portal_id = concerned.portal_id
      cross join lateral (
        select coalesce(own_mode is not null and (own_until is null or own_until > ${moment(now)}), false) as lives
      ) as life
    )
    insert into portal_mode (portal_id, mode, lockdown, until, generation)
    select own.portal_id, own.mode, greatest(own.lockdown, coalesce(strictest.level, 0)),
      case when coalesce(strictest.level, 0) >= greatest(own.lockdown, 1) then strictest.until else own.until end,
      nextval('portal_mode_generation')
    from own left join strictest on strictest.portal_id = own.portal_id
    order by own.portal_id
    on conflict (portal_id) do update set mode = excluded.mode, lockdown = excluded.lockdown,
      until = excluded.until, generation = excluded.generation
  `.execute(trx);
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
