import type { CardKeyBuilding, CardKeyReport } from "@menshen/wire";

/** Cards that a desk last saw with one version, of one building. */
export interface CarriedVersion {
  readonly keyVersion: number;
  /** They are to come for new keys. */
  readonly waits: boolean;
  readonly buildingId: string | undefined;
  readonly buildingName: string | undefined;
  readonly cards: number;
}

/** A version that has not ended. */
export interface LiveVersion {
  readonly version: number;
  readonly startedAt: number;
  readonly doorGroup: number | undefined;
  /** Cards that carry it, or may. */
  readonly cards: number;
}

/**
 * How far a renewal is: who is still to come for new keys, and what the others carry.
 *
 * @param versions newest first, at least one
 */
export function keyVersionReport(
  versions: readonly [LiveVersion, ...LiveVersion[]],
  carried: readonly CarriedVersion[],
): Omit<CardKeyReport, "lacking"> {
  const buildings = new Map<string, CardKeyBuilding>();
  for (const { keyVersion, waits, buildingId, buildingName, cards } of carried) {
    const name = buildingId ?? "";
    const before = buildings.get(name) ?? {
      ...(buildingId === undefined ? {} : { buildingId }),
      ...(buildingName === undefined ? {} : { buildingName }),
      renewed: 0,
      waiting: 0,
      carried: [],
    };
    const same = before.carried.find(({ version }) => version === keyVersion)?.cards ?? 0;
    const others = before.carried.filter(({ version }) => version !== keyVersion);
    buildings.set(name, {
      ...before,
      renewed: before.renewed + (waits ? 0 : cards),
      waiting: before.waiting + (waits ? cards : 0),
      carried: [...others, { version: keyVersion, cards: same + cards }].sort(
        (a, b) => b.version - a.version,
      ),
    });
  }
  const all = [...buildings.values()];
  const [{ version, startedAt }] = versions;
  return {
    version,
    startedAt,
    renewed: all.reduce((sum, { renewed }) => sum + renewed, 0),
    waiting: all.reduce((sum, { waiting }) => sum + waiting, 0),
    versions: versions.map(({ doorGroup, ...live }) => ({
      ...live,
      ...(doorGroup === undefined ? {} : { doorGroup }),
    })),
    buildings: all.sort((a, b) => b.waiting - a.waiting || compare(a.buildingName, b.buildingName)),
  };
}

function compare(a = "", b = ""): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
