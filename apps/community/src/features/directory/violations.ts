import type { WayViolation } from "@menshen/policy";
import type { WayInViolation } from "@menshen/wire";
import type { Reader } from "../../database/database.ts";

const MOST_VIOLATIONS = 50;
const MOST_PERSONS = 50;

/**
 * Violations as people read them: names of buildings, doors and, if the asker may read them, of persons.
 *
 * @returns at most 50 violations of at most 50 persons each; the counts tell how many there are
 */
export async function describeViolations(
  db: Reader,
  violations: readonly WayViolation[],
  showNames: boolean,
): Promise<{ readonly violations: WayInViolation[]; readonly violationCount: number }> {
  const shown = violations.slice(0, MOST_VIOLATIONS);
  const personIds = [...new Set(shown.flatMap((violation) => violation.personIds.slice(0, MOST_PERSONS)))];
  const persons = new Map<string, { name: string; dwellings: string[] }>();
  if (personIds.length > 0) {
    const rows = await db
      .selectFrom("person")
      .leftJoin("residency", (join) =>
        join.onRef("residency.person_id", "=", "person.id").on("residency.removed_at", "is", null),
      )
      .leftJoin("dwelling", "dwelling.id", "residency.dwelling_id")
      .leftJoin("building", "building.id", "dwelling.building_id")
      .select(["person.id", "person.display_name", "dwelling.name as dwelling", "building.name as building"])
      .where("person.id", "in", personIds)
      .execute();
    for (const row of rows) {
      const person = persons.get(row.id) ?? { name: row.display_name, dwellings: [] };
      if (row.dwelling !== null) person.dwellings.push(`${row.building ?? ""} ${row.dwelling}`.trim());
      persons.set(row.id, person);
    }
  }
  const buildings = new Map(
    (await db.selectFrom("building").select(["id", "name"]).execute()).map((row) => [row.id, row.name]),
  );
  const points = new Map(
    (
      await db
        .selectFrom("access_point")
        .innerJoin("portal", "portal.id", "access_point.portal_id")
        .select(["access_point.id", "access_point.name", "portal.name as portal"])
        .execute()
    ).map((row) => [row.id, row]),
  );
  return {
    violationCount: violations.length,
    violations: shown.map((violation) => ({
      problem: violation.problem,
      personCount: violation.personIds.length,
      persons: violation.personIds.slice(0, MOST_PERSONS).map((id) => {
        const person = persons.get(id);
        return {
          id,
          ...(showNames && person !== undefined ? { name: person.name } : {}),
          dwellingNames: showNames ? (person?.dwellings ?? []) : [],
        };
      }),
      buildingId: violation.buildingId,
      buildingName: buildings.get(violation.buildingId) ?? "",
      direction: violation.direction,
      accessPoints: violation.accessPointIds.map((id) => {
        const point = points.get(id);
        return { id, name: point?.name ?? "", portalName: point?.portal ?? "" };
      }),
      ways: [...violation.ways],
      from: violation.from,
      until: violation.until,
    })),
  };
}
