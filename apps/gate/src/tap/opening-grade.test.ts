import { expect, test } from "vitest";
import { openingGrade } from "./opening-grade.ts";

test.each([
  ["A", "osdp-own-key", false, "B"],
  ["B", "osdp-own-key", false, "B"],
  ["B", "pcsc", false, "B"],
  ["B", "osdp-own-key", true, "D"],
  ["E", "osdp-own-key", true, "E"],
  ["E", "pcsc", false, "E"],
  ["C", "pcsc", false, "C"],
] as const)("credential %s by %s, relay outdoors %s: %s", (credential, link, outdoors, grade) => {
  expect(openingGrade(credential, link, outdoors)).toBe(grade);
});
