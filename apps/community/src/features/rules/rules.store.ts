import type { AccessRule } from "@menshen/domain";
import type { QueryOf, Rule, RuleCreate, ruleEndpoints } from "@menshen/wire";
import { pageByName } from "../../database/by-name.ts";
import { optionalMoment, type Reader, type Trx } from "../../database/database.ts";
import { optional } from "../../database/records.ts";
import { ruleOf } from "../../database/rule-row.ts";

function ruleQuery(db: Reader) {
  return db
    .selectFrom("access_rule")
    .leftJoin("schedule", "schedule.id", "access_rule.schedule_id")
    .selectAll("access_rule")
    .select("schedule.name as schedule_name");
}

type RuleRow = Awaited<ReturnType<ReturnType<typeof ruleQuery>["executeTakeFirstOrThrow"]>>;

/** The changeable fields of a rule, as they travel. */
export function ruleFields(rule: AccessRule): RuleCreate {
  const { who, where } = rule;
  const list = <const Name extends string, T>(name: Name, values: readonly T[] | undefined) =>
    optional(name, values === undefined ? undefined : [...values]);
  return {
    name: rule.name,
    who: {
      ...list("roles", who.roles),
      ...list("personIds", who.personIds),
      ...list("dwellingIds", who.dwellingIds),
      ...list("buildingIds", who.buildingIds),
    },
    where: { ...list("accessPointIds", where.accessPointIds), ...list("areaIds", where.areaIds) },
    ...optional("scheduleId", rule.scheduleId),
    ...list("means", rule.means),
    minimumGrade: rule.minimumGrade,
    validity: { ...rule.validity },
    ...(rule.overridesLockdown ? { overridesLockdown: true } : {}),
  };
}

function ruleView(row: RuleRow): Rule {
  return {
    id: row.id,
    revision: row.revision,
    number: row.number,
    ...ruleFields(ruleOf(row)),
    ...optional("scheduleName", row.schedule_name),
    ...optional("removedAt", row.removed_at),
  };
}

export async function selectRule(db: Reader, id: string): Promise<Rule | undefined> {
  const row = await ruleQuery(db).where("access_rule.id", "=", id).executeTakeFirst();
  return row && ruleView(row);
}

export async function selectRules(db: Reader, query: QueryOf<typeof ruleEndpoints.list>) {
  let records = ruleQuery(db);
  if (query.scheduleId !== undefined)
    records = records.where("access_rule.schedule_id", "=", query.scheduleId);
  return pageByName(records, "access_rule", query, ruleView);
}

function mutable<T>(values: readonly T[] | undefined): T[] | null {
  return values === undefined ? null : [...values];
}

function columns(rule: AccessRule) {
  return {
    name: rule.name,
    who_roles: mutable(rule.who.roles),
    who_person_ids: mutable(rule.who.personIds),
    who_dwelling_ids: mutable(rule.who.dwellingIds),
    who_building_ids: mutable(rule.who.buildingIds),
    where_access_point_ids: mutable(rule.where.accessPointIds),
    where_area_ids: mutable(rule.where.areaIds),
    schedule_id: rule.scheduleId ?? null,
    means: mutable(rule.means),
    minimum_grade: rule.minimumGrade,
    valid_from: optionalMoment(rule.validity.from),
    valid_until: optionalMoment(rule.validity.until),
    overrides_lockdown: rule.overridesLockdown ?? false,
  };
}

export async function insertRule(trx: Trx, rule: AccessRule): Promise<void> {
  await trx
    .insertInto("access_rule")
    .values({ id: rule.id, ...columns(rule) })
    .execute();
}

export async function updateRule(trx: Trx, rule: AccessRule): Promise<void> {
  await trx
    .updateTable("access_rule")
    .set((eb) => ({ ...columns(rule), revision: eb("revision", "+", 1) }))
    .where("id", "=", rule.id)
    .execute();
}

/** Which of some ids are there and not removed. */
export async function selectPresentIds(
  db: Reader,
  table: "person" | "dwelling" | "building" | "access_point" | "area" | "schedule",
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const rows = await db
    .selectFrom(table)
    .select("id")
    .where("id", "in", [...ids])
    .where("removed_at", "is", null)
    .execute();
  return new Set(rows.map((row) => row.id));
}
