import type { ConformityItem } from "@menshen/wire";

/** Rules by the letter of their names, in the order in which letters first come; within one by number. */
export function byArea(items: readonly ConformityItem[]): ReadonlyMap<string, readonly ConformityItem[]> {
  const areas = Map.groupBy(items, ({ id }) => id.slice(0, 1));
  const numberOf = ({ id }: ConformityItem) => Number(id.slice(1));
  return new Map(
    [...areas].map(([letter, rows]) => [letter, rows.toSorted((a, b) => numberOf(a) - numberOf(b))]),
  );
}
