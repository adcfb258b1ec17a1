import { expect, test } from "vitest";
import { type Home, makeHolderMatcher } from "./match-holders.ts";

const home = (buildingName: string, name: string, ...names: string[]): Home => ({
  dwellingId: `${buildingName}/${name}`,
  buildingName,
  name,
  residents: names.map((resident) => ({ personId: `${buildingName}/${name}/${resident}`, name: resident })),
});
const match = makeHolderMatcher([
  home("1号楼", "101", "李奶奶", "李 强"),
  home("1号楼", "102", "王小明"),
  home("1号楼", "103"),
  home("2号楼", "1-101", "王小明"),
  home("12号楼", "101", "赵六"),
  home("海棠阁", "7A", "Anna Lee"),
]);
const said = (dwelling?: string, person?: string, building?: string) => match({ dwelling, person, building });

test.each([
  ["1-102", undefined, undefined],
  ["1号楼102室", undefined, undefined],
  ["1栋 0102", "王小明", undefined],
  ["102", undefined, "1#"],
  ["１－１０２", undefined, undefined],
])("%s is 102 in the first building", (dwelling, person, building) => {
  expect(said(dwelling, person, building)).toEqual({
    personId: "1号楼/102/王小明",
    personName: "王小明",
    dwellingId: "1号楼/102",
    dwellingName: "1号楼 102",
  });
});

test("names may have spaces, widths and cases of their own", () => {
  expect(said("1-101", "李强")).toMatchObject({ personId: "1号楼/101/李 强" });
  expect(said("海棠阁7a", "ANNA LEE")).toMatchObject({ dwellingId: "海棠阁/7A" });
});

test("numbers do not run into each other", () => {
  expect(said("12-101")).toMatchObject({ dwellingId: "12号楼/101" });
  expect(said("2-1-101")).toMatchObject({ dwellingId: "2号楼/1-101" });
  expect(said("1-2101")).toEqual({ finding: "no-dwelling" });
});

test("nothing is guessed", () => {
  expect(said("")).toEqual({ finding: "no-dwelling" });
  expect(said("9-101")).toEqual({ finding: "no-dwelling" });
  expect(said("1-101")).toEqual({ finding: "person-unclear" });
  expect(said("1-101", "张三")).toEqual({ finding: "no-person" });
  expect(said("1-103")).toEqual({ finding: "no-person" });
  expect(said(undefined, "王小明")).toEqual({ finding: "person-unclear" });
  expect(said(undefined, "赵六")).toMatchObject({ dwellingId: "12号楼/101" });
  expect(said(undefined, "")).toEqual({ finding: "no-person" });
});
