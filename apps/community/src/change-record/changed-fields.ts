/** Fields of a record as it was and as it is. */
export type Fields = Readonly<Record<string, unknown>>;

const WITHHELD = "(changed)";

/**
 * What differs between two states of a record, for the record of changes. Fields named in `personal` appear as changed,
 * without their values: the record of changes outlives the person's data.
 */
export function changedFields(
  before: Fields | undefined,
  after: Fields | undefined,
  personal: readonly string[] = [],
): { readonly before?: Fields; readonly after?: Fields } {
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  const was: Record<string, unknown> = {};
  const is: Record<string, unknown> = {};
  for (const name of names) {
    const old = before?.[name];
    const now = after?.[name];
    if (JSON.stringify(old) === JSON.stringify(now)) continue;
    const shown = (value: unknown) => (personal.includes(name) ? WITHHELD : value);
    if (old !== undefined && old !== null) was[name] = shown(old);
    if (now !== undefined && now !== null) is[name] = shown(now);
  }
  return { ...(before === undefined ? {} : { before: was }), ...(after === undefined ? {} : { after: is }) };
}
