import type { CardKeyBuilding, CardKeyReport } from "@menshen/wire";

/** Cards that carry one version, of one building. */
export interface CarriedVersion {
  readonly keyVersion: number;
  readonly buildingId: string | undefined;
  readonly buildingName: string | undefined;
  readonly cards: number;
}

/** How far a renewal is: whose cards still carry an earlier version than the newest. */
export function keyVersionReport(
  newest: { readonly version: number; readonly startedAt: number },
  carried: readonly CarriedVersion[],
): CardKeyReport {
  const buildings = new Map<string, CardKeyBuilding>();
  for (const { keyVersion, buildingId, buildingName, cards } of carried) {
    const name = buildingId ?? "";
    const before = buildings.get(name) ?? {
      ...(buildingId === undefined ? {} : { buildingId }),
      ...(buildingName === undefined ? {} : { buildingName }),
      renewed: 0,
      waiting: 0,
    };
    const isNewest = keyVersion === newest.version;
    buildings.set(name, {
      ...before,
      renewed: before.renewed + (isNewest ? cards : 0),
      waiting: before.waiting + (isNewest ? 0 : cards),
    });
  }
  const all = [...buildings.values()];
  return {
    ...newest,
    renewed: all.reduce((sum, { renewed }) => sum + renewed, 0),
    waiting: all.reduce((sum, { waiting }) => sum + waiting, 0),
    buildings: all.sort((a, b) => b.waiting - a.waiting || compare(a.buildingName, b.buildingName)),
  };
}

function compare(a = "", b = ""): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
