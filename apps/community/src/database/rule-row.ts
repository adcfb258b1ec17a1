import { type AccessRule, parseAccessRule } from "@menshen/domain";
import type { Selectable } from "kysely";
import { optional } from "./records.ts";
import type { Tables } from "./tables.ts";

/** The rule as the domain has it; throws `DomainError` for a row that no version of this program wrote. */
export function ruleOf(row: Selectable<Tables["access_rule"]>): AccessRule {
  return parseAccessRule({
    id: row.id,
    name: row.name,
    who: {
      ...optional("roles", row.who_roles),
      ...optional("personIds", row.who_person_ids),
      ...optional("dwellingIds", row.who_dwelling_ids),
      ...optional("buildingIds", row.who_building_ids),
    },
    where: {
      ...optional("accessPointIds", row.where_access_point_ids),
      ...optional("areaIds", row.where_area_ids),
    },
    ...optional("scheduleId", row.schedule_id),
    ...optional("means", row.means),
    minimumGrade: row.minimum_grade,
    validity: { ...optional("from", row.valid_from), ...optional("until", row.valid_until) },
    overridesLockdown: row.overrides_lockdown,
  });
}
