import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { menshenHere } from "../testing/menshen.ts";

const vector = (name: string) => fileURLToPath(new URL(`../../vectors/${name}`, import.meta.url));
const EVIDENCE = vector("evidence-package.zip");
const OPENING = vector("opening-package.json");
const KEYS = vector("opening-package-keys.json");
const directory = mkdtempSync(join(tmpdir(), "menshen-evidence-"));
afterAll(() => rmSync(directory, { recursive: true }));

const verify = (...args: string[]) => menshenHere(["verify", ...args]);

test("an evidence package verifies offline, with what it shows", async () => {
  const { code, stdout } = await verify(EVIDENCE, "--keys", KEYS);
  expect(code).toBe(0);
  expect(stdout).toContain("✓ verified  SHA-256 ");
  expect(stdout).toContain("signed with the pinned key");
  expect(stdout).toContain("R2 the card's counter went back, 2026-11-22T04:00:00.000Z");
  expect(stdout).toContain("2026-11-22T03:00:00.000Z  北门进  opened  #140  second");
});

test("without pinned keys it says that it cannot know whose it is", async () => {
  const { code, stdout } = await verify(EVIDENCE, "--json");
  expect(code).toBe(0);
  const [first, ...events] = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(first).toMatchObject({ ok: true, pinned: false, events: 3, batches: 2 });
  expect(events).toMatchObject([{ counter: 140, chained: true }, { counter: 102 }, { chained: false }]);
  const chinese = await menshenHere(["verify", EVIDENCE], { LC_ALL: "zh_CN.UTF-8" });
  expect(chinese.stdout).toContain("⚠ 没有给出登记的密钥");
});

test("one changed byte is refused, with the reason in words", async () => {
  const bytes = readFileSync(EVIDENCE);
  bytes[2_000] = (bytes[2_000] ?? 0) ^ 1;
  const file = join(directory, "altered.zip");
  writeFileSync(file, bytes);
  const { code, stdout } = await verify(file, "--keys", KEYS);
  expect(code).toBe(1);
  expect(stdout).toContain("✗ package: This is no evidence package, or somebody changed its form.");
});

test("the package of a lawful opening is known by itself", async () => {
  const { code, stdout } = await verify(OPENING, "--keys", KEYS);
  expect(code).toBe(0);
  expect(stdout).toContain("request 6f6d3a52-2a0e-4a58-9c44-0a5f0f1f7e01");
  expect((await verify(OPENING)).code).toBe(2);
  expect((await verify(join(directory, "none.zip"))).code).toBe(2);
});
