import { existsSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { describe, expect, test } from "vitest";
import { LAYERS } from "./layers.mjs";

// The layer rule reads imports; this bundles for real, with all npm packages, and looks at what is left over.

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

// Loaded only where `globalThis.crypto` is missing, which is no browser; Vite leaves an empty module in its place.
const FALLBACKS = [{ importer: "/node_modules/@hpke/common/", module: "crypto" }];

/** Bundles `code` for a browser and returns every module of Node that the bundle would ask for. */
async function nodeModulesOf(code) {
  const asked = new Set();
  const entry = "\0menshen-entry";
  await build({
    root: ROOT,
    configFile: false,
    logLevel: "silent",
    build: { write: false, minify: false, rolldownOptions: { input: entry } },
    plugins: [
      {
        name: "menshen-node-imports",
        enforce: "pre",
        resolveId(source, importer = "") {
          if (source === entry) return entry;
          if (!isBuiltin(source)) return null;
          const known = FALLBACKS.some((one) => one.module === source && importer.includes(one.importer));
          if (!known) asked.add(source);
          return { id: source, external: true };
        },
        load: (id) => (id === entry ? code : null),
      },
    ],
  });
  return [...asked].sort();
}

const entries = LAYERS.flatMap((row) => {
  const manifest = join(ROOT, row.dir, "package.json");
  if (row.browser === undefined || !existsSync(manifest)) return [];
  const { name, exports } = JSON.parse(readFileSync(manifest, "utf8"));
  return row.browser.map((key) => [`${name}${key.slice(1)}`, join(ROOT, row.dir, exports[key])]);
});

describe("a browser entry bundles without Node", () => {
  test("there are such entries", () => {
    expect(entries.length).toBeGreaterThanOrEqual(5);
  });

  test.each(entries)("%s", async (_name, path) => {
    expect(await nodeModulesOf(`export * from ${JSON.stringify(path)};`)).toEqual([]);
  });
});

test("an entry that needs Node is noticed", async () => {
  const path = join(ROOT, "packages/crypto/src/node/index.ts");
  expect(await nodeModulesOf(`export * from ${JSON.stringify(path)};`)).toContain("node:crypto");
});
