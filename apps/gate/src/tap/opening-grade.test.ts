import { expect, test } from "vitest";
import { linkGrade, openingGrade } from "./opening-grade.ts";

test.each([
  ["A", false, "A"],
  ["B", false, "B"],
  ["B", true, "D"],
  ["D", true, "D"],
  ["E", true, "E"],
] as const)("a tap of grade %s, relay outdoors %s: %s", (tap, outdoors, grade) => {
  expect(openingGrade(tap, outdoors)).toBe(grade);
});

test("a reader under its own key caps nothing, one at the gate's USB caps at B", () => {
  expect(linkGrade("osdp-own-key")).toBe("A");
  expect(linkGrade("pcsc")).toBe("B");
});
