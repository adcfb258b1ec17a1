import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { shortPath } from "./short-path.ts";

test("a path with room below it stays as it is", () => {
  expect(shortPath("/somewhere/demo", 24).path).toBe("/somewhere/demo");
});

test("a deep path is reached by a short one, until it is released", () => {
  const root = mkdtempSync(join(tmpdir(), "menshen-short-"));
  const deep = join(root, "a-folder-with-a-long-name".repeat(4));
  mkdirSync(deep);
  writeFileSync(join(deep, "file"), "");
  const { path, release } = shortPath(deep, 24);
  expect(path.length).toBeLessThan(60);
  expect(existsSync(join(path, "file"))).toBe(true);
  release();
  expect(existsSync(path)).toBe(false);
  expect(existsSync(join(deep, "file"))).toBe(true);
  rmSync(root, { recursive: true });
});
