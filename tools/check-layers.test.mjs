import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { checkLayers } from "./check-layers.mjs";
import { ALL, GROUND, LAYERS } from "./layers.mjs";

const created = [];
afterEach(() => {
  for (const folder of created.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A small house with one workspace of each sort; `changes` adds, replaces or (with null) removes files. */
function house(changes = {}) {
  const manifest = (name, dependencies = {}, more = {}) =>
    JSON.stringify({ name: `@menshen/${name}`, exports: { ".": "./src/index.ts" }, dependencies, ...more });
  const withNode = { exports: { ".": "./src/index.ts", "./node": "./src/node/index.ts" } };
  const star = (...names) => Object.fromEntries(names.map((name) => [`@menshen/${name}`, "*"]));
  const files = {
    "package.json": JSON.stringify({ workspaces: ["packages/*", "apps/*", "e2e"] }),
    "packages/domain/package.json": manifest("domain"),
    "packages/domain/src/index.ts": "export const one = 1;\n",
    "packages/policy/package.json": manifest("policy", star("domain")),
    "packages/policy/src/index.ts": 'export { one } from "@menshen/domain";\n',
    "packages/crypto/package.json": manifest("crypto", star("domain"), withNode),
    "packages/crypto/src/index.ts": 'export * from "./bytes.ts";\n',
    "packages/crypto/src/bytes.ts": "export const two = 2;\n",
    "packages/crypto/src/node/index.ts":
      'import { createHash } from "node:crypto";\nexport { createHash };\n',
    "packages/osdp/package.json": manifest("osdp", star("domain", "crypto")),
    "packages/osdp/src/index.ts":
      'import "@menshen/crypto/node";\nimport { connect } from "node:net";\nconnect;\n',
    "packages/credentials/package.json": manifest("credentials", star("domain", "crypto"), withNode),
    "packages/credentials/src/index.ts": 'import { two } from "@menshen/crypto";\ntwo;\n',
    "packages/credentials/src/node/index.ts": 'export { createHash } from "@menshen/crypto/node";\n',
    "packages/testkit/package.json": manifest("testkit", star("domain", "policy")),
    "packages/testkit/src/index.ts": 'import "@menshen/policy";\n',
    "apps/gate/package.json": manifest("gate", star("domain", "osdp", "policy"), { exports: {} }),
    "apps/gate/src/main.ts": 'import "@menshen/osdp";\nimport "@menshen/policy";\n',
    "apps/console/package.json": manifest("console", star("domain", "crypto"), { exports: {} }),
    "apps/console/src/main.tsx":
      'import { two } from "@menshen/crypto";\nimport icon from "./icon.svg?url";\n[two, icon];\n',
    "e2e/package.json": manifest("e2e", star("domain", "osdp"), { exports: {} }),
    "e2e/src/door.e2e.ts":
      'import "@menshen/osdp";\nnew URL("../../apps/gate/src/main.ts", import.meta.url);\n',
    ...changes,
  };
  const root = mkdtempSync(join(tmpdir(), "menshen-layers-"));
  created.push(root);
  for (const [path, text] of Object.entries(files)) {
    if (text === null) continue;
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

/** Rules broken in a house with these changes, as `file:line rule`. */
function broken(changes) {
  return checkLayers(house(changes)).violations.map(({ file, line, rule }) => `${file}:${line} ${rule}`);
}

const DOMAIN = "packages/domain/src/seed.ts";
const POLICY = "packages/policy/src/seed.ts";
const GATE = "apps/gate/src/seed.ts";

test("the legal house has no violation and every file was examined", () => {
  expect(checkLayers(house())).toEqual({ violations: [], fileCount: 12, workspaceCount: 9 });
});

describe("an import that the table does not allow is caught", () => {
  test.each([
    ["static", 'import { two } from "@menshen/crypto";'],
    ["for its effect", 'import "@menshen/crypto";'],
    ["dynamic", 'export const later = () => import("@menshen/crypto");'],
    ["dynamic, in a template literal", "export const later = () => import(`@menshen/crypto`);"],
    ["type-only", 'import type { Two } from "@menshen/crypto";'],
    ["type-only by specifier", 'import { type Two } from "@menshen/crypto";'],
    ["in a type", 'export type Two = import("@menshen/crypto").Two;'],
    ["in typeof", 'export type Two = typeof import("@menshen/crypto");'],
    ["re-export", 'export { two } from "@menshen/crypto";'],
    ["re-export of everything", 'export * from "@menshen/crypto";'],
    ["re-export as a namespace", 'export * as crypto from "@menshen/crypto";'],
    ["type re-export", 'export type { Two } from "@menshen/crypto";'],
    ["import equals", 'import crypto = require("@menshen/crypto");'],
    ["require", 'export const two = require("@menshen/crypto");', "impure"],
    ["module augmentation", 'declare module "@menshen/crypto" { interface Two {} }'],
    ["mock", 'vi.mock("@menshen/crypto");'],
    ["of an app", 'import "@menshen/gate";'],
    ["of a test package in shipped code", 'import "@menshen/testkit";'],
  ])("%s", (_name, text, ...others) => {
    const expected = ["forbidden-import", ...others].map((rule) => `${POLICY}:1 ${rule}`);
    expect(broken({ [POLICY]: text })).toEqual(expected);
  });

  test("in JSDoc of a JavaScript file", () => {
    expect(
      broken({ "apps/gate/bin/gate.js": '/** @type {import("@menshen/console").App} */\nlet app;\n' }),
    ).toEqual(["apps/gate/bin/gate.js:1 forbidden-import"]);
    expect(
      broken({ "apps/gate/bin/gate.js": '/** @import { App } from "@menshen/console" */\nlet app;\n' }),
    ).toEqual(["apps/gate/bin/gate.js:1 forbidden-import"]);
  });

  test("on its own line, in a file of any JavaScript kind", () => {
    for (const extension of ["ts", "tsx", "mts", "cts", "js", "mjs", "cjs", "jsx"]) {
      const file = `packages/crypto/src/deep/seed.${extension}`;
      expect(broken({ [file]: '\n\nimport "@menshen/osdp";' })).toEqual([`${file}:3 forbidden-import`]);
    }
  });

  test("between an app and another app, also in tests and in the whole-system tests", () => {
    expect(broken({ [GATE]: 'import "@menshen/console";' })).toEqual([`${GATE}:1 forbidden-import`]);
    expect(broken({ "apps/gate/src/a.test.ts": 'import "@menshen/console";' })).toEqual([
      "apps/gate/src/a.test.ts:1 forbidden-import",
    ]);
    expect(broken({ "e2e/src/a.e2e.ts": 'import "@menshen/gate";' })).toEqual([
      "e2e/src/a.e2e.ts:1 forbidden-import",
    ]);
  });
});

describe("a path that leaves the workspace is caught", () => {
  test.each([
    ["relative import", 'import "../../domain/src/index.ts";'],
    ["relative type import", 'import type { One } from "../../domain/src/index.ts";'],
    ["relative re-export", 'export * from "../../domain/src/index.ts";'],
    ["relative import type", 'export type One = typeof import("../../domain/src/index.ts");'],
    ["relative dynamic import", 'export const later = () => import("../../domain/src/index.ts");'],
    ["into a folder whose name begins alike", 'import "../../osdp-more/src/index.ts";'],
    ["absolute", 'import "/etc/thing.ts";'],
    ["file URL", 'import "file:///etc/thing.ts";'],
    ["new URL", 'export const url = new URL("../../domain/src/index.ts", import.meta.url);'],
    [
      "new URL with a computed end",
      "export const url = (name) => new URL(`../../domain/$" + "{name}`, import.meta.url);",
    ],
    ["worker by URL", 'new Worker(new URL("../../domain/src/index.ts", import.meta.url));'],
    ["worker by path", 'new Worker("../../domain/src/index.ts");'],
    ["shared worker", 'new SharedWorker("../../domain/src/index.ts");'],
    ["namespaced worker", 'new threads.Worker("../../domain/src/index.ts");'],
    ["import.meta.resolve", 'export const path = import.meta.resolve("../../domain/src/index.ts");'],
    ["import.meta.glob", 'export const all = import.meta.glob(["../../domain/src/*.ts"]);'],
    [
      "joined to import.meta.dirname",
      'export const path = join(import.meta.dirname, "..", "..", "domain/src");',
    ],
    ["triple slash", '/// <reference path="../../domain/src/index.ts" />'],
    ["asset with a query", 'import text from "../../domain/src/index.ts?raw";'],
  ])("%s", (_name, text) => {
    const file = "packages/osdp/src/seed.ts";
    expect(broken({ [file]: text })).toEqual([`${file}:1 relative-escape`]);
  });

  test("a worker of another workspace is no child process", () => {
    const file = "e2e/src/seed.e2e.ts";
    const worker = 'new Worker(new URL("../../apps/gate/src/main.ts", import.meta.url));';
    expect(broken({ [file]: worker })).toEqual([`${file}:1 relative-escape`]);
    expect(broken({ [file]: 'import "../../apps/gate/src/main.ts";' })).toEqual([
      `${file}:1 relative-escape`,
    ]);
  });

  test("the Node finder is for `bin` files alone", () => {
    const text = 'import { runPinned } from "../../../tools/node24.mjs";\nrunPinned;\n';
    expect(broken({ "apps/gate/bin/gate.js": text })).toEqual([]);
    expect(broken({ "apps/gate/src/gate.ts": text })).toEqual(["apps/gate/src/gate.ts:1 relative-escape"]);
    expect(broken({ "apps/gate/bin/gate.js": 'import "../../../tools/other.mjs";' })).toEqual([
      "apps/gate/bin/gate.js:1 relative-escape",
    ]);
  });
});

describe("what cannot be read or resolved is caught", () => {
  const file = "packages/osdp/src/seed.ts";
  test.each([
    ["computed dynamic import", "export const load = (name: string) => import(name);", "unreadable"],
    ["computed require", "export const load = (name: string) => require(name);", "unreadable"],
    ["deep import", 'import "@menshen/crypto/src/bytes.ts";', "deep-import"],
    ["deep import of types", 'import type { A } from "@menshen/crypto/bytes";', "deep-import"],
    [
      "deep import through createRequire",
      'createRequire(import.meta.url)("@menshen/crypto/bytes");',
      "deep-import",
    ],
    ["unknown workspace", 'import "@menshen/nowhere";', "forbidden-import"],
    ["subpath import", 'import "#internal";', "subpath-import"],
  ])("%s", (_name, text, rule) => {
    expect(broken({ [file]: text })).toEqual([`${file}:1 ${rule}`]);
  });

  test("an import that package.json does not declare", () => {
    const manifest =
      '{ "name": "@menshen/policy", "exports": { ".": "./src/index.ts" }, "dependencies": {} }';
    expect(broken({ "packages/policy/package.json": manifest })).toEqual([
      "packages/policy/src/index.ts:1 undeclared",
    ]);
  });
});

describe("package.json", () => {
  const policy = (more) =>
    JSON.stringify({ name: "@menshen/policy", exports: { ".": "./src/index.ts" }, ...more });
  const domain = { "@menshen/domain": "*" };
  test.each([
    ["a dependency the table does not allow", { dependencies: { ...domain, "@menshen/crypto": "*" } }],
    ["a peer dependency", { dependencies: domain, peerDependencies: { "@menshen/crypto": "*" } }],
    ["an optional dependency", { dependencies: domain, optionalDependencies: { "@menshen/crypto": "*" } }],
    ["a development dependency", { dependencies: domain, devDependencies: { "@menshen/crypto": "*" } }],
    ["an app as dependency", { dependencies: { ...domain, "@menshen/gate": "*" } }],
    ["a test package as dependency", { dependencies: { ...domain, "@menshen/testkit": "*" } }],
    ["an alias", { dependencies: { ...domain, other: "npm:@menshen/crypto@*" } }],
    ["a path", { dependencies: { ...domain, other: "file:../crypto" } }],
  ])("%s is caught", (_name, more) => {
    expect(broken({ "packages/policy/package.json": policy(more) })).toEqual([
      "packages/policy/package.json:1 package-dependency",
    ]);
  });

  test("a test package as development dependency is fine", () => {
    const manifest = policy({ dependencies: domain, devDependencies: { "@menshen/testkit": "*" } });
    expect(broken({ "packages/policy/package.json": manifest })).toEqual([]);
  });

  test("an export outside the workspace or without a file is caught", () => {
    const exports = {
      ".": "./src/index.ts",
      "./a": "../domain/src/index.ts",
      "./b": { default: "./src/no.ts" },
    };
    const manifest = policy({ exports, dependencies: domain });
    expect(broken({ "packages/policy/package.json": manifest })).toEqual([
      "packages/policy/package.json:1 exports-target",
      "packages/policy/package.json:1 exports-target",
    ]);
  });

  test("a name that hides another workspace is caught", () => {
    const manifest = JSON.stringify({
      name: "@menshen/gate",
      exports: { ".": "./src/index.ts" },
      dependencies: domain,
    });
    expect(broken({ "packages/policy/package.json": manifest })[0]).toBe(
      "packages/policy/package.json:1 package-name",
    );
  });

  test("a workspace without a row is caught", () => {
    const files = {
      "packages/shed/package.json": '{ "name": "@menshen/shed" }',
      "packages/shed/src/index.ts": "export const shed = 1;\n",
    };
    expect(broken(files)).toEqual(["packages/shed/package.json:1 no-row"]);
  });

  test("a folder with source but without package.json is caught", () => {
    expect(broken({ "packages/wire/src/index.ts": "export const wire = 1;\n" })).toEqual([
      "packages/wire:1 no-package-json",
    ]);
  });
});

describe("a pure package", () => {
  test.each([
    ["static node: import", 'import { readFileSync } from "node:fs";\nreadFileSync;'],
    ["type-only node: import", 'import type { Stats } from "node:fs";'],
    ["dynamic node: import", 'export const later = () => import("node:fs");'],
    ["node: in a type", 'export type Stats = import("node:fs").Stats;'],
    ["built-in module without prefix", 'import "fs";'],
    ["built-in subpath without prefix", 'import "fs/promises";'],
  ])("may not import: %s", (_name, text) => {
    expect(broken({ [DOMAIN]: text })).toEqual([`${DOMAIN}:1 pure-node`]);
  });

  test("may not import npm packages", () => {
    expect(broken({ [DOMAIN]: 'import "left-pad";' })).toEqual([`${DOMAIN}:1 pure-npm`]);
    expect(broken({ [DOMAIN]: 'import type { A } from "@other/left/pad";' })).toEqual([
      `${DOMAIN}:1 pure-npm`,
    ]);
  });

  test.each([
    ["Date.now", "export const f = () => Date.now();"],
    ["Date.now by index", 'export const f = () => Date["now"]();'],
    ["new Date()", "export const f = () => new Date();"],
    ["new Date", "export const f = () => new Date;"],
    ["new Date with spread", "export const f = (a: [number]) => new Date(...a);"],
    ["Date as a function", "export const f = () => Date();"],
    ["Date renamed", "const D = Date;\nexport const f = () => D.now();"],
    ["Date taken apart", "const { now } = Date;\nexport const f = () => now();"],
    ["Date extended", "export class Today extends Date {}"],
    ["Temporal.Now", "export const f = () => Temporal.Now.instant();"],
    ["performance.now", "export const f = () => performance.now();"],
    ["Math.random", "export const f = () => Math.random();"],
    ["Math.random by index", 'export const f = () => Math["random"]();'],
    ["Math taken apart", "const { random } = Math;\nexport const f = () => random();"],
    ["crypto.getRandomValues", "export const f = (a: Uint8Array) => crypto.getRandomValues(a);"],
    ["crypto.randomUUID", "export const f = () => crypto.randomUUID();"],
    ["setTimeout", "export const f = (g: () => void) => setTimeout(g, 1);"],
    ["setInterval", "export const f = (g: () => void) => setInterval(g, 1);"],
    ["process", "export const f = () => process.env;"],
    ["process as a shorthand property", "export const f = () => ({ process });"],
    [
      "process declared as ambient",
      "export const f = () => process.env;\ndeclare const process: { env: unknown };",
    ],
    ["process exported", "export { process };"],
    ["fetch", 'export const f = () => fetch("http://localhost");'],
    ["console", 'export const f = () => console.log("x");'],
    ["globalThis.process", "export const f = () => globalThis.process;"],
    ["globalThis.Date", "export const f = () => globalThis.Date.now();"],
    ["globalThis by index", 'export const f = () => globalThis["fe" + "tch"];'],
    ["window", "export const f = () => window.fetch;"],
    ["self", "export const f = () => self.crypto;"],
    ["import.meta", "export const f = () => import.meta.url;"],
    ["eval", 'export const f = () => eval("Date.now()");'],
    ["Function constructor", 'export const f = () => new Function("return Date.now()")();'],
    ["the host's time zone", "export const f = (d: Date) => d.getHours();"],
    [
      "shadowed elsewhere",
      "export const f = () => Date.now();\nexport const g = (Date: { now(): number }) => Date.now();",
    ],
  ])("may not use: %s", (_name, text) => {
    expect(broken({ [DOMAIN]: text })).toEqual([`${DOMAIN}:1 impure`]);
  });

  test.each([
    ["time as an argument", "export const f = (ms: number) => new Date(ms).toISOString();"],
    [
      "Date.UTC and Date.parse",
      'export const f = () => Date.UTC(2026, 1, 1) - Date.parse("2026-01-01T00:00:00Z");',
    ],
    ["instanceof Date", "export const f = (x: unknown) => x instanceof Date;"],
    ["Date as a type", "export type T = { at: Date };\nexport const f = (d: Date): number => d.getTime();"],
    ["other members of Math", "export const f = (x: number) => Math.floor(x);"],
    ["a parameter called process", "export const f = (process: { env: number }) => process.env;"],
    ["a property called fetch", "export const f = (source: { fetch(): number }) => source.fetch();"],
    ["a method called setTimeout", "export class C { setTimeout(): number { return 1; } }"],
    ["a key called crypto", "export const f = { crypto: 1, performance: 2, Date: 3 };"],
    ["a local binding of the same name", "export const f = ({ fetch: get }: { fetch: number }) => get;"],
    ["names in types only", "export type T = typeof process;\nexport interface C { process: 1 }"],
    ["names in comments and strings", '// Date.now() would be wrong here\nexport const s = "Math.random()";'],
    ["a label", "export const f = () => { self: for (;;) break self; };"],
    ["Intl with a zone", 'export const f = new Intl.DateTimeFormat("en", { timeZone: "Asia/Shanghai" });'],
  ])("may use: %s", (_name, text) => {
    expect(broken({ [DOMAIN]: text })).toEqual([]);
  });

  test("may read files and the clock in its tests", () => {
    const text =
      'import { readFileSync } from "node:fs";\nimport fc from "fast-check";\n[readFileSync, fc, Date.now()];\n';
    expect(broken({ "packages/domain/src/a.test.ts": text })).toEqual([]);
  });

  test("is the only kind that is kept from the clock", () => {
    expect(broken({ "packages/osdp/src/seed.ts": "export const f = () => Date.now();" })).toEqual([]);
  });
});

describe("what a browser entry reaches", () => {
  const deep = "packages/crypto/src/deep/hash.ts";
  test.each([
    ["import", 'import { createHash } from "node:crypto";\ncreateHash;'],
    ["type import", 'import type { Hash } from "node:crypto";'],
    ["dynamic import", 'export const later = () => import("node:crypto");'],
    ["own node entry", 'export * from "@menshen/crypto/node";'],
  ])("may not need node: by %s", (_name, text) => {
    const bytes = { "packages/crypto/src/bytes.ts": 'export * from "./deep/hash.ts";' };
    expect(broken({ ...bytes, [deep]: text })).toEqual([`${deep}:1 browser-node`]);
  });

  test("a file that `.` does not reach may", () => {
    expect(broken({ [deep]: 'import "node:crypto";' })).toEqual([]);
  });

  test("the node entry of another package is caught, also by type", () => {
    const file = "packages/credentials/src/index.ts";
    expect(broken({ [file]: 'import "@menshen/crypto/node";' })).toEqual([`${file}:1 browser-node`]);
    expect(broken({ [file]: 'import type { A } from "@menshen/crypto/node";' })).toEqual([
      `${file}:1 browser-node`,
    ]);
  });

  test("a screen app may use neither node: nor a node entry, outside its build configuration", () => {
    const file = "apps/console/src/seed.ts";
    expect(broken({ [file]: 'import "node:fs";' })).toEqual([`${file}:1 browser-node`]);
    expect(broken({ [file]: 'import "@menshen/crypto/node";' })).toEqual([`${file}:1 browser-node`]);
    expect(broken({ "apps/console/vite.config.ts": 'import "node:fs";' })).toEqual([]);
  });
});

describe("tests", () => {
  test("may import the test packages without a dependency", () => {
    expect(broken({ "packages/policy/src/a.test.ts": 'import "@menshen/testkit";' })).toEqual([]);
  });

  test("what tests share may import what tests may, and shipped code does not import it", () => {
    for (const name of ["testing/world", "a.fixture", "a.testing"]) {
      const file = `packages/policy/src/${name}.ts`;
      const text = 'import "@menshen/testkit";';
      expect(broken({ [file]: text })).toEqual([]);
      const uses = `import "./${name}.ts";`;
      expect(broken({ [file]: text, "packages/policy/src/b.test.ts": uses })).toEqual([]);
      expect(broken({ [file]: text, [POLICY]: uses })).toEqual([`${POLICY}:1 test-support`]);
    }
  });

  test("may import nothing else that the row does not allow", () => {
    const file = "packages/policy/src/a.test.ts";
    expect(broken({ [file]: 'import "@menshen/crypto";' })).toEqual([`${file}:1 forbidden-import`]);
  });
});

describe("an examination of nothing fails", () => {
  test("no workspace", () => {
    const root = mkdtempSync(join(tmpdir(), "menshen-layers-"));
    created.push(root);
    writeFileSync(join(root, "package.json"), '{ "workspaces": ["packages/*"] }');
    const rules = checkLayers(root).violations.map(({ rule, message }) => `${rule}: ${message}`);
    expect(rules).toEqual(["nothing-examined: found no workspace", "nothing-examined: found no source file"]);
  });

  test("workspaces without a source file", () => {
    const root = mkdtempSync(join(tmpdir(), "menshen-layers-"));
    created.push(root);
    mkdirSync(join(root, "e2e"));
    writeFileSync(join(root, "package.json"), '{ "workspaces": ["e2e"] }');
    writeFileSync(join(root, "e2e/package.json"), '{ "name": "@menshen/e2e" }');
    const rules = checkLayers(root).violations.map(({ rule, message }) => `${rule}: ${message}`);
    expect(rules).toEqual(["nothing-examined: found no source file"]);
  });
});

describe("the table itself", () => {
  const nameOf = ({ dir }) => dir.split("/").at(-1);
  const packages = LAYERS.filter(({ dir }) => dir.startsWith("packages/"));

  test("names packages only, and only those it has a row for", () => {
    const known = new Set(packages.map(nameOf));
    for (const { imports } of LAYERS) {
      if (imports !== ALL) expect(imports.filter((name) => !known.has(name))).toEqual([]);
    }
  });

  test("has no circle", () => {
    const below = new Map(packages.map((row) => [nameOf(row), row.imports === ALL ? [] : row.imports]));
    const reaches = (from, to, seen = new Set()) =>
      below.get(from).some((next) => next === to || (!seen.has(next) && reaches(next, to, seen.add(next))));
    expect([...below.keys()].filter((name) => reaches(name, name))).toEqual([]);
  });

  test("keeps pure packages on the ground alone", () => {
    const pure = LAYERS.filter((row) => row.pure);
    expect(pure.map(nameOf)).toEqual([GROUND, "policy", "detection"]);
    for (const { imports } of pure) expect(imports).toEqual([]);
  });

  test("lets no one but the gate, the servers and the command line reach the reader link or the trust roots", () => {
    const users = (name) =>
      LAYERS.filter((row) => row.imports !== ALL && row.imports.includes(name)).map(nameOf);
    expect(users("osdp")).toEqual(["virtual-devices", "gate", "cli"]);
    expect(users("trust")).toEqual(["gate", "community", "city", "cli"]);
  });
});
