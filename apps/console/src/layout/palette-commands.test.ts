import { describe, expect, it } from "vitest";
import { doorsToOpen, pagesNamed } from "./palette-commands.ts";

const DOORS = [
  { portalId: "1", name: "北门" },
  { portalId: "2", name: "3 号楼单元门" },
  { portalId: "3", name: "Open court" },
];

describe("doors named in the palette", () => {
  it.each([
    ["开北门", true, ["北门"]],
    ["开门 北", true, ["北门"]],
    ["打开 3", true, ["3 号楼单元门"]],
    ["open 北门", true, ["北门"]],
    ["OPEN", true, ["北门", "3 号楼单元门", "Open court"]],
    ["open court", true, ["Open court"]],
    ["北门", false, ["北门"]],
    ["单元", false, ["3 号楼单元门"]],
    ["张", false, []],
    ["  ", false, []],
  ])("%j: an order %s, doors %j", (text, isOrder, names) => {
    const found = doorsToOpen(text, DOORS);
    expect([found.isOrder, found.doors.map(({ name }) => name)]).toEqual([isOrder, names]);
  });

  it("gives no more than eight", () => {
    const many = Array.from({ length: 300 }, (_, index) => ({
      portalId: String(index),
      name: `门 ${index}`,
    }));
    expect(doorsToOpen("开", many).doors).toHaveLength(8);
  });
});

it("finds pages by a part of their title, and none for no text", () => {
  const pages = [{ title: "Lockdown plans" }, { title: "封锁预案" }];
  expect(pagesNamed("lock", pages)).toEqual([{ title: "Lockdown plans" }]);
  expect(pagesNamed("封锁", pages)).toEqual([{ title: "封锁预案" }]);
  expect(pagesNamed(" ", pages)).toEqual([]);
});
