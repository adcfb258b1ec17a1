import { ANTI_PASSBACK, type AntiPassback, WHEN_APART, type WhenApart } from "@menshen/domain";
import type {
  AreaRules,
  AreaRulesSet,
  DoorRuleSettingsSet,
  DoorRules,
  PortalRules,
  PortalRulesSet,
  SiteAddress,
} from "@menshen/wire";
import type { Reader, Trx } from "../../database/database.ts";
import { optional } from "../../database/records.ts";
import { CommunityError } from "../../errors.ts";

/** Of what was never set. */
const UNSET = 1;

function word<Word extends string>(words: readonly Word[], text: string): Word {
  const found = words.find((candidate) => candidate === text);
  if (found === undefined) throw new CommunityError("internal", "a stored door rule is unknown");
  return found;
}

/** Areas but the street, by name; only one of them with `id`. */
export async function selectAreaRules(db: Reader, id?: string): Promise<readonly AreaRules[]> {
  let select = db
    .selectFrom("area")
    .leftJoin("area_rule", "area_rule.area_id", "area.id")
    .selectAll("area_rule")
    .select(["area.id", "area.name"])
    .where("area.removed_at", "is", null)
    .where("area.id", "not in", (eb) => eb.selectFrom("community").select("outside_area_id"))
    .orderBy("area.name")
    .orderBy("area.id");
  if (id !== undefined) select = select.where("area.id", "=", id);
  return (await select.execute()).map((row) => ({
    areaId: row.id,
    areaName: row.name,
    revision: row.revision ?? UNSET,
    counted: row.counted ?? false,
    antiPassback: word<AntiPassback>(ANTI_PASSBACK, row.anti_passback ?? "off"),
    ...optional("timedMs", row.timed_ms),
    ...optional("occupancyLimit", row.occupancy_limit),
    countsOnlyConfirmed: row.counts_only_confirmed ?? false,
    whenApart: word<WhenApart>(WHEN_APART, row.when_apart ?? "admit"),
    staffFirst: row.staff_first ?? false,
    twoPersons: row.two_persons ?? false,
    ...optional("escort", row.escort_within_ms === null ? null : { withinMs: row.escort_within_ms }),
  }));
}

export async function putAreaRules(trx: Trx, areaId: string, rules: AreaRulesSet): Promise<void> {
  const values = {
    counted: rules.counted,
    anti_passback: rules.antiPassback,
    timed_ms: rules.timedMs ?? null,
    occupancy_limit: rules.occupancyLimit ?? null,
    counts_only_confirmed: rules.countsOnlyConfirmed,
    when_apart: rules.whenApart,
    staff_first: rules.staffFirst,
    two_persons: rules.twoPersons,
    escort_within_ms: rules.escort?.withinMs ?? null,
    revision: rules.revision + 1,
  };
  await trx
    .insertInto("area_rule")
    .values({ area_id: areaId, ...values })
    .onConflict((conflict) => conflict.column("area_id").doUpdateSet(values))
    .execute();
}

/** By name of the door; only one of them with `id`. */
export async function selectPortalRules(db: Reader, id?: string): Promise<readonly PortalRules[]> {
  let select = db
    .selectFrom("portal")
    .leftJoin("portal_rule", "portal_rule.portal_id", "portal.id")
    .selectAll("portal_rule")
    .select(["portal.id", "portal.name", "portal.gate_id", "portal_rule.revision as rule_revision"])
    .where("portal.removed_at", "is", null)
    .orderBy("portal.name")
    .orderBy("portal.id");
  if (id !== undefined) select = select.where("portal.id", "=", id);
  return (await select.execute()).map((row) => ({
    portalId: row.id,
    portalName: row.name,
    gateId: row.gate_id,
    revision: row.rule_revision ?? UNSET,
    ...optional("interlockGroup", row.interlock_group),
    ...optional("twoPersonWithinMs", row.two_person_within_ms),
    ...optional("preAlarmMs", row.pre_alarm_ms),
    ...(row.double_tap_within_ms === null || row.double_tap_for_ms === null
      ? {}
      : { doubleTapHold: { withinMs: row.double_tap_within_ms, forMs: row.double_tap_for_ms } }),
    turnstile: row.turnstile ?? false,
    ...optional(
      "floors",
      row.floors?.map(({ output, areaId, scheduleId }) => ({
        output,
        areaId,
        ...optional("scheduleId", scheduleId),
      })),
    ),
    plate: row.plate ?? false,
  }));
}

export async function putPortalRules(trx: Trx, portalId: string, rules: PortalRulesSet): Promise<void> {
  const values = {
    interlock_group: rules.interlockGroup ?? null,
    two_person_within_ms: rules.twoPersonWithinMs ?? null,
    double_tap_within_ms: rules.doubleTapHold?.withinMs ?? null,
    double_tap_for_ms: rules.doubleTapHold?.forMs ?? null,
    pre_alarm_ms: rules.preAlarmMs ?? null,
    turnstile: rules.turnstile,
    plate: rules.plate,
    floors: rules.floors === undefined ? null : JSON.stringify(rules.floors),
    revision: rules.revision + 1,
  };
  await trx
    .insertInto("portal_rule")
    .values({ portal_id: portalId, ...values })
    .onConflict((conflict) => conflict.column("portal_id").doUpdateSet(values))
    .execute();
}

/** By name of the gate; only one of them with `id`. */
export async function selectSites(db: Reader, id?: string): Promise<readonly SiteAddress[]> {
  let select = db
    .selectFrom("gate")
    .leftJoin("site_address", "site_address.gate_id", "gate.id")
    .select(["gate.id", "gate.name", "site_address.host", "site_address.port"])
    .select("site_address.revision as site_revision")
    .where("gate.removed_at", "is", null)
    .orderBy("gate.name")
    .orderBy("gate.id");
  if (id !== undefined) select = select.where("gate.id", "=", id);
  return (await select.execute()).map((row) => ({
    gateId: row.id,
    gateName: row.name,
    revision: row.site_revision ?? UNSET,
    ...optional("host", row.host),
    ...optional("port", row.port),
  }));
}

export async function putSite(
  trx: Trx,
  gateId: string,
  site: Pick<SiteAddress, "host" | "port" | "revision">,
): Promise<void> {
  const values = { host: site.host ?? null, port: site.port ?? null, revision: site.revision + 1 };
  await trx
    .insertInto("site_address")
    .values({ gate_id: gateId, ...values })
    .onConflict((conflict) => conflict.column("gate_id").doUpdateSet(values))
    .execute();
}

export async function selectSettings(
  db: Reader,
): Promise<Pick<DoorRules, "presenceHours" | "tellsAtDoor" | "revision">> {
  const row = await db.selectFrom("door_rule_setting").selectAll().executeTakeFirstOrThrow();
  return { presenceHours: row.presence_hours, tellsAtDoor: row.tells_at_door, revision: row.revision };
}

export async function putSettings(trx: Trx, settings: DoorRuleSettingsSet): Promise<void> {
  await trx
    .updateTable("door_rule_setting")
    .set({
      presence_hours: settings.presenceHours,
      tells_at_door: settings.tellsAtDoor,
      revision: settings.revision + 1,
    })
    .execute();
}
