/** A dwelling as the owners' roll has it. */
export interface OwnedDwelling {
  readonly dwellingId: string;
  /** Square decimetres, from the register of titles. */
  readonly areaDm2: number;
  readonly owner: DwellingOwner;
}

/**
 * Who owns a dwelling: persons (one, or several together), a company, or the developer, whose unsold dwellings are one
 * buyer's.
 */
export type DwellingOwner =
  | { readonly kind: "persons"; readonly personIds: readonly string[] }
  | { readonly kind: "company"; readonly companyId: string }
  | { readonly kind: "developer" };

/** One head of the count with all that it owns. */
export interface Head {
  /** The same for the same owner. */
  readonly key: string;
  readonly areaDm2: number;
  readonly dwellingIds: readonly string[];
}

/**
 * The heads of a roll, in the order in which they first come. Whoever owns several dwellings is one head; those who own one
 * together are one head, with one ballot; what the developer has not sold or handed over is one head (Interpretation on
 * divided ownership, article 9).
 */
export function headsOf(dwellings: readonly OwnedDwelling[]): readonly Head[] {
  const heads = new Map<string, { key: string; areaDm2: number; dwellingIds: string[] }>();
  for (const { dwellingId, areaDm2, owner } of dwellings) {
    const key = ownerKey(owner);
    const head = heads.get(key) ?? { key, areaDm2: 0, dwellingIds: [] };
    head.areaDm2 += areaDm2;
    head.dwellingIds.push(dwellingId);
    heads.set(key, head);
  }
  return [...heads.values()];
}

/** What tells owners apart: the same persons together are one owner, in whatever order they are named. */
export function ownerKey(owner: DwellingOwner): string {
  switch (owner.kind) {
    case "persons":
      return `persons ${[...new Set(owner.personIds)].sort().join(" ")}`;
    case "company":
      return `company ${owner.companyId}`;
    case "developer":
      return "developer";
  }
}
