import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CONFORMITY_ROWS } from "./conformity.ts";

// Tests run in the folder of the repository.
const root = process.cwd();

test("each row stands once", () => {
  const ids = CONFORMITY_ROWS.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

test.each(CONFORMITY_ROWS.filter(({ evidence }) => evidence === "test"))(
  "row $id is named in a title of each of its tests",
  ({ id, tests }) => {
    expect(tests.length).toBeGreaterThan(0);
    for (const path of tests) {
      // Titles are the first argument of `test`, `it`, `describe` or of what `.each` returns.
      const titles = [
        ...readFileSync(join(root, path), "utf8").matchAll(/(?:\b(?:test|it|describe)|\))\(\s*["`]([^"`]*)/g),
      ];
      expect(titles.some(([, title = ""]) => new RegExp(`\\b${id}\\b`).test(title))).toBe(true);
    }
  },
);
