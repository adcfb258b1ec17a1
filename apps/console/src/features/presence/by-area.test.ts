import { expect, it } from "vitest";
import { byArea } from "./by-area.ts";

const GARAGE = { areaId: "b", areaName: "车库" };
const BUILDING = { areaId: "a", areaName: "2 号楼" };

it("lists areas by name, homes as numbers in order, visitors last, and adds up persons", () => {
  const areas = byArea([
    { ...GARAGE, persons: 2 },
    { ...BUILDING, persons: 1 },
    { ...BUILDING, dwellingName: "2 号楼 1001", role: "owner", persons: 1 },
    { ...BUILDING, dwellingName: "2 号楼 201", role: "tenant", persons: 3 },
  ]);
  expect(areas.map(({ areaName, persons }) => [areaName, persons])).toEqual([
    ["2 号楼", 5],
    ["车库", 2],
  ]);
  expect(areas[0]?.lines.map(({ dwellingName }) => dwellingName)).toEqual([
    "2 号楼 201",
    "2 号楼 1001",
    undefined,
  ]);
});

it("has no areas where nobody is", () => {
  expect(byArea([])).toEqual([]);
});
