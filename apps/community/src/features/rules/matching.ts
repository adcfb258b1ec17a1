import type { AccessRule, Residency } from "@menshen/domain";

/** Whether a rule selects somebody by one of their residencies, dates left aside. */
export function selects(
  { who }: Pick<AccessRule, "who">,
  residency: Residency,
  buildingOf: ReadonlyMap<string, string>,
): boolean {
  const { dwellingId } = residency;
  const buildingId = dwellingId === undefined ? undefined : buildingOf.get(dwellingId);
  return (
    (who.roles?.includes(residency.role) ?? true) &&
    (who.personIds?.includes(residency.personId) ?? true) &&
    (who.dwellingIds?.some((id) => id === dwellingId) ?? true) &&
    (who.buildingIds?.some((id) => id === buildingId) ?? true)
  );
}
