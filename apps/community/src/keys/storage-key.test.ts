import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { loadStorageKey, makeStorageKey } from "./storage-key.ts";

const folder = mkdtempSync(join(tmpdir(), "menshen-keys-"));
afterAll(() => rmSync(folder, { recursive: true }));
const text = new TextEncoder();
const UNREADABLE = expect.objectContaining({ code: "keys-unreadable" });

test("what was sealed opens in its own context only", () => {
  const key = makeStorageKey(new Uint8Array(32).fill(1));
  const sealed = key.seal(text.encode("04a1b2c3d4e5f6"), "identifier:1");
  expect(key.open(sealed, "identifier:1")).toEqual(text.encode("04a1b2c3d4e5f6"));
  expect(() => key.open(sealed, "identifier:2")).toThrow(UNREADABLE);
  expect(() => makeStorageKey(new Uint8Array(32).fill(2)).open(sealed, "identifier:1")).toThrow(UNREADABLE);
  sealed[20] = (sealed[20] ?? 0) ^ 1;
  expect(() => key.open(sealed, "identifier:1")).toThrow(UNREADABLE);
  for (const bytes of [new Uint8Array(), new Uint8Array(12), sealed.slice(0, 20)]) {
    expect(() => key.open(bytes, "identifier:1")).toThrow(UNREADABLE);
  }
});

test("equal texts look different each time", () => {
  const key = makeStorageKey(new Uint8Array(32));
  expect(key.seal(text.encode("a"), "c")).not.toEqual(key.seal(text.encode("a"), "c"));
});

test("the file is made once, for its owner alone", () => {
  const file = join(folder, "keys", "storage.key");
  const sealed = loadStorageKey(file).seal(text.encode("a"), "c");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(loadStorageKey(file).open(sealed, "c")).toEqual(text.encode("a"));
  chmodSync(file, 0o640);
  expect(() => loadStorageKey(file)).toThrow(UNREADABLE);
});

test("a file of another length stops the server instead of being replaced", () => {
  const file = join(folder, "short.key");
  writeFileSync(file, new Uint8Array(31), { mode: 0o600 });
  expect(() => loadStorageKey(file)).toThrow(UNREADABLE);
  expect(statSync(file).size).toBe(31);
});
