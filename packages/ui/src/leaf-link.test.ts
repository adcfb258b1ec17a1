import { expect, test } from "vitest";
import { leafLink, readLeafLink } from "./leaf-link.ts";

test("a link to an entry is read back as that entry", () => {
  expect(leafLink(1_204)).toBe("/public/#leaf=1204");
  expect(readLeafLink("#leaf=1204")).toBe(1_204);
  expect(readLeafLink("#leaf=0")).toBe(0);
});

test.each([
  "",
  "#",
  "#leaf=",
  "#leaf=-1",
  "#leaf=01",
  "#leaf=1.5",
  "#leaf=1e3",
  "#leaf=9999999999999999",
  "#x=1",
])("`%s` asks for none", (hash) => {
  expect(readLeafLink(hash)).toBeUndefined();
});
