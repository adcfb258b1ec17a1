/** Plans as screens list them: the most severe first, those of one rank by name. */
export function inRankOrder<Plan extends { readonly rank: number; readonly name: string }>(
  plans: readonly Plan[],
): readonly Plan[] {
  return plans.toSorted((a, b) => a.rank - b.rank || a.name.localeCompare(b.name));
}
