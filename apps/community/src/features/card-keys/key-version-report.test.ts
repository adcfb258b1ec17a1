import { expect, test } from "vitest";
import { keyVersionReport } from "./key-version-report.ts";

const AT = 1_800_000_000_000;
const live = (version: number, cards: number, doorGroup?: number) => ({
  version,
  startedAt: AT + version,
  doorGroup,
  cards,
});
const carried = (keyVersion: number, name: string | undefined, cards: number, waits = keyVersion === 1) => ({
  keyVersion,
  waits,
  buildingId: name === undefined ? undefined : `id of ${name}`,
  buildingName: name,
  cards,
});

test("says which buildings still have cards to come, most first", () => {
  const report = keyVersionReport(
    [live(2, 27), live(1, 16)],
    [
      carried(1, "3号楼", 5),
      carried(2, "3号楼", 7),
      carried(2, "1号楼", 4),
      carried(1, "2号楼", 9),
      carried(1, undefined, 2),
    ],
  );
  const [one, two] = [1, 2].map((version) => (cards: number) => ({ version, cards }));
  expect(report).toEqual({
    version: 2,
    startedAt: AT + 2,
    renewed: 11,
    waiting: 16,
    versions: [
      { version: 2, startedAt: AT + 2, cards: 27 },
      { version: 1, startedAt: AT + 1, cards: 16 },
    ],
    buildings: [
      { buildingId: "id of 2号楼", buildingName: "2号楼", renewed: 0, waiting: 9, carried: [one?.(9)] },
      {
        buildingId: "id of 3号楼",
        buildingName: "3号楼",
        renewed: 7,
        waiting: 5,
        carried: [two?.(7), one?.(5)],
      },
      { renewed: 0, waiting: 2, carried: [one?.(2)] },
      { buildingId: "id of 1号楼", buildingName: "1号楼", renewed: 4, waiting: 0, carried: [two?.(4)] },
    ],
  });
});

test("counts a card of another door group than the renewed one as carrying what it should", () => {
  const report = keyVersionReport(
    [live(2, 3, 4), live(1, 8)],
    [carried(1, "1号楼", 5, false), carried(1, "1号楼", 3, true)],
  );
  expect(report).toMatchObject({ renewed: 5, waiting: 3, versions: [{ doorGroup: 4 }, { version: 1 }] });
  expect(report.buildings).toMatchObject([{ renewed: 5, waiting: 3, carried: [{ version: 1, cards: 8 }] }]);
});

test("of a community without cards is empty", () => {
  const { renewed, waiting, buildings } = keyVersionReport([live(1, 0)], []);
  expect({ renewed, waiting, buildings }).toEqual({ renewed: 0, waiting: 0, buildings: [] });
});
