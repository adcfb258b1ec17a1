import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { loadLogKey } from "./log-key.ts";

const folder = mkdtempSync(join(tmpdir(), "menshen-log-key-"));
afterAll(() => rmSync(folder, { recursive: true }));
const UNREADABLE = expect.objectContaining({ code: "keys-unreadable" });

test("the key is made once, for its owner alone, and stays", () => {
  const file = join(folder, "keys", "log.key");
  const seed = loadLogKey(file);
  expect(seed).toHaveLength(32);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(loadLogKey(file)).toEqual(seed);
});

test("one that others may read, or of another length, stops the server instead of being replaced", () => {
  const file = join(folder, "log.key");
  writeFileSync(file, new Uint8Array(32), { mode: 0o600 });
  chmodSync(file, 0o644);
  expect(() => loadLogKey(file)).toThrow(UNREADABLE);
  chmodSync(file, 0o600);
  writeFileSync(file, new Uint8Array(33));
  expect(() => loadLogKey(file)).toThrow(UNREADABLE);
  expect(statSync(file).size).toBe(33);
});
