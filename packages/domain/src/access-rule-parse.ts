import type { AccessRule } from "./access-rule.ts";
import { CREDENTIAL_KINDS } from "./credential.ts";
import { DomainError } from "./errors.ts";
import { parseGrade } from "./grade.ts";
import { AccessPointId, AccessRuleId, AreaId, BuildingId, DwellingId, PersonId, ScheduleId } from "./ids.ts";
import { RESIDENCY_ROLES } from "./people.ts";
import { readList, readRecord, readText, readWord, refuse } from "./reading.ts";
import { parseValidity } from "./validity-parse.ts";

const CODE = "invalid-value";
const MOST_SELECTED = 100_000;

/**
 * Parses an access rule. It must select somebody and some place, and list at least one kind if it lists means: a list
 * that is there but empty is a mistake, not "everything". Throws `DomainError` with the code of the value at fault.
 */
export function parseAccessRule(value: unknown): AccessRule {
  const fields = readRecord(CODE, "rule", value);
  const who = readRecord(CODE, "rule who", fields.who);
  const where = readRecord(CODE, "rule where", fields.where);
  const overrides = fields.overridesLockdown;
  if (overrides !== undefined && typeof overrides !== "boolean") {
    refuse(CODE, "rule lockdown override", "true or false", overrides);
  }
  return {
    id: AccessRuleId(readText(CODE, "rule id", fields.id, 36)),
    name: readText(CODE, "rule name", fields.name, 200),
    who: atLeastOne("who", {
      ...selector("roles", who.roles, (role) => readWord(CODE, "role", role, RESIDENCY_ROLES)),
      ...selector("personIds", who.personIds, (id) => PersonId(readText(CODE, "person id", id, 36))),
      ...selector("dwellingIds", who.dwellingIds, (id) => DwellingId(readText(CODE, "dwelling id", id, 36))),
      ...selector("buildingIds", who.buildingIds, (id) => BuildingId(readText(CODE, "building id", id, 36))),
    }),
    where: atLeastOne("where", {
      ...selector("accessPointIds", where.accessPointIds, (id) =>
        AccessPointId(readText(CODE, "access point id", id, 36)),
      ),
      ...selector("areaIds", where.areaIds, (id) => AreaId(readText(CODE, "area id", id, 36))),
    }),
    ...(fields.scheduleId === undefined
      ? {}
      : { scheduleId: ScheduleId(readText(CODE, "schedule id", fields.scheduleId, 36)) }),
    ...selector("means", fields.means, (kind) => readWord(CODE, "means", kind, CREDENTIAL_KINDS)),
    minimumGrade: parseGrade(readText("invalid-grade", "minimum grade", fields.minimumGrade, 1)),
    validity: parseValidity(fields.validity ?? {}),
    ...(overrides === undefined ? {} : { overridesLockdown: overrides }),
  };
}

function selector<Name extends string, Entry>(
  name: Name,
  value: unknown,
  parse: (entry: unknown) => Entry,
): { readonly [key in Name]?: readonly Entry[] } {
  if (value === undefined) return {};
  const entries = readList(CODE, name, value, MOST_SELECTED).map(parse);
  if (entries.length === 0) throw new DomainError(CODE, `${name}: expected at least one entry, came none`);
  const selected: { [key in Name]?: readonly Entry[] } = {};
  selected[name] = [...new Set(entries)];
  return selected;
}

function atLeastOne<Selectors extends object>(what: string, selectors: Selectors): Selectors {
  if (Object.keys(selectors).length === 0) {
    throw new DomainError(CODE, `rule ${what}: expected at least one selector, came none`);
  }
  return selectors;
}
