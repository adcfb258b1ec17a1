import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

// A linter that examines nothing passes everything. Here each one must find what is planted for it.

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
let root;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "menshen-lint-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function put(path, text) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function run(program, ...args) {
  const bin = join(ROOT, "node_modules/.bin");
  const env = { ...process.env, NO_COLOR: "1", PATH: `${bin}${delimiter}${process.env.PATH}` };
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: root, encoding: "utf8", env });
  return { status, output: stdout + stderr };
}

describe("oxlint, with this repository's configuration and types", () => {
  const planted = {
    "no-floating-promises": "export async function f() {}\nf();\n",
    "no-misused-promises":
      "export async function f(): Promise<boolean> { return true; }\nif (f()) throw new Error('x');\n",
    "await-thenable": "export async function f(): Promise<void> { await 1; }\n",
    "switch-exhaustiveness-check":
      'export function f(x: "a" | "b"): number { switch (x) { case "a": return 1; }\nreturn 2; }\n',
    "no-explicit-any": "export const f = (x: any): void => void x;\n",
    "consistent-type-assertions": "export const f = { a: 1 } as { a: 1 };\n",
    "no-non-null-assertion": "export const f = (x: string | null): string => x!;\n",
  };

  test("finds every planted mistake and passes a clean file", () => {
    copyFileSync(join(ROOT, ".oxlintrc.json"), join(root, ".oxlintrc.json"));
    put(
      "tsconfig.json",
      '{ "compilerOptions": { "strict": true, "target": "es2024", "module": "nodenext" } }',
    );
    for (const [rule, text] of Object.entries(planted)) put(`src/${rule}.ts`, text);
    put("src/clean.ts", "export const f = async (): Promise<void> => { await Promise.resolve(); };\n");
    const { status, output } = run("oxlint", "--type-aware", "--format=unix");
    expect(status).toBe(1);
    const found = output.split("\n").filter((line) => line.startsWith("src/"));
    for (const rule of Object.keys(planted)) {
      expect(found.filter((line) => line.startsWith(`src/${rule}.ts`)).join("\n")).toContain(rule);
    }
    expect(output).not.toContain("clean.ts");
  });
});

describe("knip, with this repository's configuration", () => {
  test("finds a dead file, a dead export and a dead dependency", () => {
    for (const path of ["package.json", "knip.json"]) copyFileSync(join(ROOT, path), join(root, path));
    const manifest = { name: "@menshen/domain", type: "module", exports: { ".": "./src/index.ts" } };
    put("packages/domain/package.json", JSON.stringify({ ...manifest, dependencies: { yaml: "*" } }));
    put(
      "packages/domain/src/index.ts",
      'export { used } from "./used.ts";\nexport const publicButUnused = 1;\n',
    );
    put("packages/domain/src/used.ts", "export const used = 1;\nexport const neverUsed = 2;\n");
    put("packages/domain/src/dead.ts", "export const dead = 3;\n");
    const { status, output } = run(
      "knip",
      "--no-progress",
      "--no-config-hints",
      "--workspace",
      "packages/domain",
    );
    expect(status).toBe(1);
    expect(output).toContain("packages/domain/src/dead.ts");
    expect(output).toContain("neverUsed");
    expect(output).toMatch(/yaml +packages\/domain\/package\.json/);
    expect(output).not.toContain("publicButUnused");
  });
});
