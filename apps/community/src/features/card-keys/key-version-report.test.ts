import { expect, test } from "vitest";
import { keyVersionReport } from "./key-version-report.ts";

const NEWEST = { version: 2, startedAt: 1_800_000_000_000 };
const carried = (keyVersion: number, name: string | undefined, cards: number) => ({
  keyVersion,
  buildingId: name === undefined ? undefined : `id of ${name}`,
  buildingName: name,
  cards,
});

test("says which buildings still have cards to come, most first", () => {
  const report = keyVersionReport(NEWEST, [
    carried(1, "3号楼", 5),
    carried(2, "3号楼", 7),
    carried(2, "1号楼", 4),
    carried(1, "2号楼", 9),
    carried(1, undefined, 2),
  ]);
  expect(report).toEqual({
    ...NEWEST,
    renewed: 11,
    waiting: 16,
    buildings: [
      { buildingId: "id of 2号楼", buildingName: "2号楼", renewed: 0, waiting: 9 },
      { buildingId: "id of 3号楼", buildingName: "3号楼", renewed: 7, waiting: 5 },
      { renewed: 0, waiting: 2 },
      { buildingId: "id of 1号楼", buildingName: "1号楼", renewed: 4, waiting: 0 },
    ],
  });
});

test("of a community without cards is empty", () => {
  expect(keyVersionReport(NEWEST, [])).toEqual({ ...NEWEST, renewed: 0, waiting: 0, buildings: [] });
});
