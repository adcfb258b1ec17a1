import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { menshenHere } from "../testing/menshen.ts";

const FILE = fileURLToPath(new URL("../../vectors/opening-package.json", import.meta.url));
const KEYS = fileURLToPath(new URL("../../vectors/opening-package-keys.json", import.meta.url));
const directory = mkdtempSync(join(tmpdir(), "menshen-package-"));
afterAll(() => rmSync(directory, { recursive: true }));

const verify = (...args: string[]) => menshenHere(["verify", "package", ...args]);

function written(name: string, content: string): string {
  const file = join(directory, name);
  writeFileSync(file, content);
  return file;
}

test("a package verifies offline and says what it proves and what is only stated (privacy row P4)", async () => {
  const { code, stdout } = await verify(FILE, "--keys", KEYS);
  expect(code).toBe(0);
  expect(stdout).toContain("✓ verified  SHA-256 ");
  expect(stdout).toContain(
    "request 6f6d3a52-2a0e-4a58-9c44-0a5f0f1f7e01 (ordinary, crime-investigation) of 某区公安分局",
  );
  expect(stdout).toContain("entries opened 2, not opened 1");
  expect(stdout).toContain("opened by committee + city  stated holder: 王某, 1号楼 101");
});

test("for machines there is one object a line", async () => {
  const { stdout } = await verify(FILE, "--keys", KEYS, "--json");
  const [first, second, third] = stdout
    .split("\n")
    .map((line) => (line === "" ? undefined : JSON.parse(line)));
  expect(first).toMatchObject({ ok: true, entries: 2, leafIndex: 1 });
  expect([second, third]).toMatchObject([
    { sequence: 41 },
    { sequence: 42, openedBy: ["committee", "city"] },
  ]);
});

test("an altered package fails, with the reason in words (privacy row P4)", async () => {
  const altered = readFileSync(FILE, "utf8").replace("王某", "李某");
  const { code, stdout } = await verify(written("altered.json", altered), "--keys", KEYS);
  expect(code).toBe(1);
  expect(stdout).toContain("✗ package: The community's signature does not hold");
  expect(stdout).toContain("✗ entries/1: The SHA-256 stated for this part is not that of the part.");
  expect(stdout).toContain("✗ not verified");
  const chinese = await menshenHere(["verify", "package", FILE, "--keys", KEYS], { LC_ALL: "zh_CN.UTF-8" });
  expect(chinese.stdout).toContain("✓ 验证通过");
});

test("what is no package is told as such", async () => {
  const { code, stdout } = await verify(written("none.json", "{}\n"), "--keys", KEYS);
  expect(code).toBe(1);
  expect(stdout).toContain("✗ package: This is no package, or somebody changed its form.");
});

test("it needs pinned keys that are some, and files that are there", async () => {
  expect((await verify(FILE)).code).toBe(2);
  expect((await verify(join(directory, "absent"), "--keys", KEYS)).code).toBe(2);
  expect((await verify(FILE, "--keys", FILE)).code).toBe(78);
  expect((await verify(FILE, "--keys", written("keys", "no JSON"))).code).toBe(78);
});
