import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { checkHouse } from "./check-house.mjs";

const created = [];
afterEach(() => {
  for (const folder of created.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function tree(files) {
  const root = mkdtempSync(join(tmpdir(), "menshen-house-"));
  created.push(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

function broken(files) {
  return checkHouse(tree(files)).violations.map(({ file, line, rule }) => `${file}:${line} ${rule}`);
}

// Put together here, so that this file does not break the rules that it tests.
const host = ["registry", "npmjs", "org"].join(".");
const ho = "/ho" + "me";
const skip = "sk" + "ip";

describe("a broken rule is reported at its line", () => {
  test.each([
    ["a home folder", `const a = 1;\nconst path = "${ho}/ada/work";\n`, "src/a.ts:2 machine-path"],
    ["a registry in code", `fetch("https://${host}/x");\n`, "src/a.ts:1 registry-host"],
    ["a test switched off", `it.${skip}("opens", () => {});\n`, "src/a.ts:1 skipped-test"],
    [
      "a test that shuts others out",
      `describe.${"on" + "ly"}("door", () => {});\n`,
      "src/a.ts:1 skipped-test",
    ],
    ["a test off on some machines", `test.${skip}If(true)("opens", () => {});\n`, "src/a.ts:1 skipped-test"],
    ["work left over", `// ${"TO" + "DO"}: later\n`, "src/a.ts:1 unfinished"],
    ["a whole type error ignored", `// @ts-${"ig" + "nore"}\n`, "src/a.ts:1 suppression"],
    ["an expected error without a reason", "// @ts-expect-error\n", "src/a.ts:1 suppression"],
    [
      "a lint rule off without a reason",
      `// ${"ox" + "lint"}-disable-next-line eqeqeq\n`,
      "src/a.ts:1 suppression",
    ],
    ["a second word for a gate", `const zh = "${"门禁" + "机"}离线";\n`, "src/a.ts:1 two-words"],
    ["a second word for an opening", `const zh = "${"依法" + "调取"}";\n`, "src/a.ts:1 two-words"],
    ["a file of 501 lines", "export {};\n".repeat(501), "src/a.ts:501 too-long"],
  ])("%s", (_name, text, expected) => {
    expect(broken({ "src/a.ts": text })).toEqual([expected]);
  });

  test("a resolved address in the lock file", () => {
    const text = `{\n  "${"resol" + "ved"}": "https://packages.example/x.tgz"\n}\n`;
    expect(broken({ "package-lock.json": text })).toEqual(["package-lock.json:2 registry-host"]);
  });

  test("the path of this very checkout", () => {
    const root = tree({});
    writeFileSync(join(root, "notes.md"), `see ${root}/src\n`);
    expect(checkHouse(root).violations.map(({ rule }) => rule)).toEqual(["machine-path"]);
  });

  test("links that lead nowhere", () => {
    const files = {
      "docs/a.md":
        "# Title one\n[b](b.md) [no](no.md)\n[h](b.md#two-words) [g](b.md#three)\n[x](#title-one) ![i](i.png)\n",
      "docs/b.md": "# Two words!\n[up](../README.md) [web](https://example.org/x) `[code](gone.md)`\n",
      "README.md": "```\n[sample](gone.md)\n```\n",
    };
    expect(broken(files)).toEqual([
      "docs/a.md:2 dead-link",
      "docs/a.md:3 dead-link",
      "docs/a.md:4 dead-link",
    ]);
  });

  test("nothing to examine", () => {
    expect(broken({})).toEqual([".:1 nothing-examined"]);
  });
});

test("what only looks like a broken rule is none", () => {
  const files = {
    "src/a.ts": [
      `app.get("/api${ho}/id");`,
      "list.skip(2);",
      `describe.${"run" + "If"}(process.geteuid() === 0)("as root", () => {});`,
      "// @ts-expect-error a private field is read on purpose",
      `// ${"ox" + "lint"}-disable-next-line eqeqeq -- null and undefined mean the same here`,
      'const registry = { register() {} };\nregistry.register("x");',
      'const temporary = "/tmp/menshen";',
    ].join("\n"),
    "src/long.test.ts": "export {};\n".repeat(600),
    "packages/crypto/vectors/long.ts": "export {};\n".repeat(600),
    "src/five-hundred.ts": "export {};\n".repeat(500),
    "node_modules/x/a.ts": `// ${"TO" + "DO"}\n`,
  };
  expect(checkHouse(tree(files))).toEqual({ violations: [], fileCount: 4 });
});
