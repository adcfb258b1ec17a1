/** Counts by topic, added up. */
export function addTopics(
  before: Readonly<Record<string, number>>,
  more: Readonly<Record<string, number>>,
): Record<string, number> {
  const sum: Record<string, number> = { ...before };
  for (const [topic, count] of Object.entries(more)) sum[topic] = (sum[topic] ?? 0) + count;
  return sum;
}
