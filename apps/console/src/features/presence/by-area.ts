import type { MusterLine } from "@menshen/wire";

export interface MusterAreaLines {
  readonly areaId: string;
  readonly areaName: string;
  readonly persons: number;
  /** By home; visitors last. */
  readonly lines: readonly MusterLine[];
}

/** Lines as somebody who walks from area to area needs them: the areas by name, in each the homes in their order. */
export function byArea(lines: readonly MusterLine[]): readonly MusterAreaLines[] {
  const areas = new Map<string, MusterLine[]>();
  for (const line of lines) areas.set(line.areaId, [...(areas.get(line.areaId) ?? []), line]);
  return [...areas.entries()]
    .map(([areaId, inside]) => ({
      areaId,
      areaName: inside[0]?.areaName ?? "",
      persons: inside.reduce((sum, { persons }) => sum + persons, 0),
      lines: inside.toSorted(byHome),
    }))
    .toSorted((a, b) => a.areaName.localeCompare(b.areaName, "zh-CN", { numeric: true }));
}

function byHome(a: MusterLine, b: MusterLine): number {
  if (a.dwellingName === undefined) return b.dwellingName === undefined ? 0 : 1;
  if (b.dwellingName === undefined) return -1;
  return a.dwellingName.localeCompare(b.dwellingName, "zh-CN", { numeric: true });
}
