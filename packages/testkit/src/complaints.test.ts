import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");
const ROW = /^\| (\d+) \|.*\| `([^`]+)` \|$/gm;

test("each complaint in docs/complaints.md is a named test", () => {
  const rows = [...readFileSync(join(ROOT, "docs/complaints.md"), "utf8").matchAll(ROW)];
  expect(rows.map(([, number]) => Number(number))).toEqual([
    5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20,
  ]);
  const missing = rows.filter(([, number, file = ""]) => {
    const titles = readFileSync(join(ROOT, file), "utf8").match(/\(complaints? [\d and]+\)"/g) ?? [];
    return !titles.some((title) => new RegExp(`\\b${number}\\b`).test(title));
  });
  expect(missing.map(([, number, file]) => `${number} ${file}`)).toEqual([]);
});
