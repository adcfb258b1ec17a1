// The layer rule: fails on any import that the table in `layers.mjs` does not allow.
//
// Run by `npm run lint`; alone: `node tools/check-layers.mjs`. Prints one line per violation, exits 1 on any.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, posix, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { ALL, GROUND, LAYERS, SCOPE, TEST_IMPORTS } from "./layers.mjs";
import {
  entryOf,
  exportsOf,
  isBelow,
  isExported,
  mayNamePath,
  packageOf,
  refusal,
  runsInBrowser,
  targetsOf,
  workspaceName,
} from "./layers-names.mjs";
import { findImpurity } from "./layers-purity.mjs";
import { findReferences, parse } from "./layers-scan.mjs";

/**
 * @typedef {object} Violation
 * @property {string} file path from the root
 * @property {number} line 1-based
 * @property {string} rule stable name of the rule, for tests and for searching
 * @property {string} message what was found and what is allowed
 */

const SOURCE = /\.[cm]?[jt]sx?$/;
const TEST = /\.(test|e2e|browser)\.[cm]?[jt]sx?$/;
/** What tests share: they may import what tests may, and only tests and each other import them. */
const TEST_SUPPORT = /\/testing\/|\.(fixture|testing)\.[cm]?[jt]sx?$/;
const CONFIG = /^[^/]+\.config\.[cm]?[jt]s$/;
const SKIPPED_FOLDERS = new Set(["node_modules", "dist", "coverage"]);

/**
 * Checks every workspace below `root`.
 *
 * @param {string} root folder that holds the root package.json
 * @param {typeof LAYERS} [layers] the table
 * @returns {{ violations: Violation[], fileCount: number, workspaceCount: number }}
 */
export function checkLayers(root, layers = LAYERS) {
  const check = new Check(root, layers);
  check.run();
  return { violations: check.violations, fileCount: check.fileCount, workspaceCount: check.workspaces.size };
}

class Check {
  violations = [];
  fileCount = 0;
  /** Workspaces on disk by folder. */
  workspaces = new Map();

  constructor(root, layers) {
    this.root = root;
    this.layers = layers;
    this.rows = new Map(layers.map((row) => [row.dir, row]));
  }

  run() {
    for (const dir of this.#folders()) this.#load(dir);
    for (const workspace of this.workspaces.values()) this.#checkPackageJson(workspace);
    for (const workspace of this.workspaces.values()) this.#checkFiles(workspace);
    this.#checkBrowserEntries();
    this.#checkPurity();
    if (this.workspaces.size === 0) this.#report("package.json", 1, "nothing-examined", "found no workspace");
    if (this.fileCount === 0) this.#report("package.json", 1, "nothing-examined", "found no source file");
  }

  #report(file, line, rule, message) {
    this.violations.push({ file, line, rule, message });
  }

  /** Folders of the root's `workspaces` and of rows that stand outside them, such as `bench`. */
  #folders() {
    const { workspaces = [] } = readJson(join(this.root, "package.json"));
    const listed = workspaces.flatMap((pattern) => {
      if (!pattern.endsWith("/*")) return [pattern];
      const parent = pattern.slice(0, -2);
      return subfolders(join(this.root, parent)).map((name) => `${parent}/${name}`);
    });
    const all = new Set([...listed, ...this.rows.keys()]);
    return [...all].filter((dir) => existsSync(join(this.root, dir))).sort();
  }

  #load(dir) {
    const files = sourceFiles(join(this.root, dir)).map((path) =>
      relative(this.root, path).split(sep).join("/"),
    );
    const manifestPath = join(this.root, dir, "package.json");
    if (!existsSync(manifestPath)) {
      if (files.length > 0)
        this.#report(dir, 1, "no-package-json", "folder holds source but no package.json");
      return;
    }
    const row = this.rows.get(dir);
    if (row === undefined) {
      this.#report(`${dir}/package.json`, 1, "no-row", `workspace \`${dir}\` has no row in tools/layers.mjs`);
    }
    const parsed = files.map((file) => {
      const text = readFileSync(join(this.root, file), "utf8");
      return { file, text, references: findReferences(parse(file, text)) };
    });
    this.fileCount += parsed.length;
    this.workspaces.set(dir, { dir, row, manifest: readJson(manifestPath), files: parsed });
  }

  // --- package.json ---

  #checkPackageJson({ dir, row, manifest }) {
    const file = `${dir}/package.json`;
    const expected = `${SCOPE}/${posix.basename(dir)}`;
    if (manifest.name !== expected) {
      this.#report(file, 1, "package-name", `expected the name \`${expected}\`, got \`${manifest.name}\``);
    }
    for (const target of Object.values(exportsOf(manifest)).flatMap(targetsOf)) {
      if (!target.startsWith("./") || target.includes("..")) {
        this.#report(file, 1, "exports-target", `\`exports\` names \`${target}\` outside the workspace`);
      } else if (!target.includes("*") && !existsSync(join(this.root, dir, target))) {
        this.#report(file, 1, "exports-target", `\`exports\` names \`${target}\`, which does not exist`);
      }
    }
    for (const field of ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"]) {
      for (const [name, range] of Object.entries(manifest[field] ?? {})) {
        if (/^(file|link|portal):/.test(range)) {
          this.#report(
            file,
            1,
            "package-dependency",
            `${field}: \`${name}\` is taken from the path \`${range}\``,
          );
        }
        const target = workspaceName(name) ?? workspaceName(range.replace(/^npm:/, ""));
        if (target === undefined || row === undefined) continue;
        const allowed = this.#mayImport(row, target, field === "devDependencies");
        if (!allowed) this.#report(file, 1, "package-dependency", `${field}: ${refusal(row, target)}`);
      }
    }
  }

  #mayImport(row, target, inTest) {
    const targetRow = this.layers.find(({ dir }) => posix.basename(dir) === target);
    if (targetRow === undefined || !targetRow.dir.startsWith("packages/")) return false;
    if (target === posix.basename(row.dir) || target === GROUND || row.imports === ALL) return true;
    return row.imports.includes(target) || (inTest && TEST_IMPORTS.includes(target));
  }

  // --- imports ---

  #checkFiles(workspace) {
    for (const { file, references } of workspace.files) {
      for (const reference of references) this.#checkReference(workspace, file, reference);
    }
  }

  #checkReference(workspace, file, { kind, specifier, line }) {
    const { row, dir } = workspace;
    const report = (rule, message) => this.#report(file, line, rule, message);
    const inTest = TEST.test(file);
    const forTests = inTest || TEST_SUPPORT.test(file);
    if (specifier === undefined) {
      report(
        "unreadable",
        `${kind}: the specifier is computed; write it as a literal so that it can be checked`,
      );
      return;
    }
    const bare = specifier.replace(/[?#].*$/, "");
    if (specifier.startsWith("#")) {
      report("subpath-import", `\`${specifier}\`: subpath imports are not used here`);
    } else if (/^(\/|file:)/.test(specifier)) {
      report("relative-escape", `${kind} \`${specifier}\`: absolute paths are not allowed`);
    } else if (bare.startsWith(".")) {
      const target = posix.join(posix.dirname(file), bare).replace(/\/$/, "");
      if (!isBelow(target, dir) && !mayNamePath(row, file, kind, target)) {
        report("relative-escape", `${kind} \`${specifier}\` leaves the workspace`);
      } else if (!forTests && TEST_SUPPORT.test(target)) {
        report("test-support", `${kind} \`${specifier}\`: only tests import what is made for tests`);
      }
    } else if (workspaceName(bare) !== undefined) {
      this.#checkWorkspaceImport(workspace, forTests, kind, bare, report);
    } else if (row?.pure && !inTest && !CONFIG.test(posix.relative(dir, file))) {
      if (isBuiltin(bare)) report("pure-node", `${kind} \`${specifier}\`: the package is pure`);
      else if (!(row.npm ?? []).includes(packageOf(bare))) {
        report("pure-npm", `${kind} \`${specifier}\`: a pure package imports no npm package`);
      }
    } else if (row?.screen && !inTest && isBuiltin(bare) && file.startsWith(`${dir}/src/`)) {
      report("browser-node", `${kind} \`${specifier}\`: the workspace runs in a browser`);
    }
  }

  #checkWorkspaceImport(workspace, inTest, kind, specifier, report) {
    const { row, manifest } = workspace;
    const target = workspaceName(specifier);
    if (row !== undefined && !this.#mayImport(row, target, inTest)) {
      report("forbidden-import", `${kind}: ${refusal(row, target)}`);
      return;
    }
    const targetWorkspace = [...this.workspaces.values()].find(({ dir }) => posix.basename(dir) === target);
    const entry = entryOf(specifier);
    if (targetWorkspace === undefined) {
      report("unknown-workspace", `${kind} \`${specifier}\`: there is no such workspace`);
    } else if (!isExported(targetWorkspace.manifest, entry)) {
      report(
        "deep-import",
        `${kind} \`${specifier}\`: \`exports\` of \`${target}\` does not list \`${entry}\``,
      );
    } else if (row?.screen && !inTest && !runsInBrowser(targetWorkspace.row, entry)) {
      report("browser-node", `${kind} \`${specifier}\`: that entry does not run in a browser`);
    }
    const name = `${SCOPE}/${target}`;
    const declared = { ...manifest.dependencies, ...manifest.peerDependencies };
    const forTests =
      inTest && (TEST_IMPORTS.includes(target) || manifest.devDependencies?.[name] !== undefined);
    if (!row?.undeclared && name !== manifest.name && declared[name] === undefined && !forTests) {
      report("undeclared", `${kind} \`${specifier}\`: package.json does not list \`${name}\``);
    }
  }

  // --- browser entries ---

  #checkBrowserEntries() {
    for (const workspace of this.workspaces.values()) {
      for (const entry of workspace.row?.browser ?? []) {
        const starts = targetsOf(exportsOf(workspace.manifest)[entry] ?? []);
        for (const start of starts) this.#checkReachable(workspace, entry, posix.join(workspace.dir, start));
      }
    }
  }

  #checkReachable(workspace, entry, start) {
    const byPath = new Map(workspace.files.map((source) => [source.file, source]));
    const queue = [start];
    const seen = new Set();
    while (queue.length > 0) {
      const file = queue.pop();
      const source = byPath.get(file);
      if (source === undefined || seen.has(file)) continue;
      seen.add(file);
      for (const { kind, specifier, line } of source.references) {
        if (specifier === undefined) continue;
        const bare = specifier.replace(/[?#].*$/, "");
        const what = `${kind} \`${specifier}\` in what \`${entry}\` reaches`;
        const target = workspaceName(bare);
        if (bare.startsWith(".")) {
          queue.push(posix.join(posix.dirname(file), bare));
        } else if (isBuiltin(bare)) {
          this.#report(file, line, "browser-node", `${what}, which runs in a browser`);
        } else if (target !== undefined) {
          const row = this.layers.find(({ dir }) => posix.basename(dir) === target);
          if (runsInBrowser(row, entryOf(bare))) continue;
          this.#report(file, line, "browser-node", `${what}: that entry does not run in a browser`);
        }
      }
    }
  }

  // --- purity ---

  #checkPurity() {
    const files = new Map();
    for (const { dir, row, files: sources } of this.workspaces.values()) {
      if (!row?.pure) continue;
      for (const { file, text } of sources) {
        if (!TEST.test(file) && !CONFIG.test(posix.relative(dir, file))) files.set(`/${file}`, text);
      }
    }
    if (files.size === 0) return;
    for (const { path, line, message } of findImpurity(files))
      this.#report(path.slice(1), line, "impure", message);
  }
}

// --- files ---

function readJson(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}

function subfolders(folder) {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

function sourceFiles(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return SKIPPED_FOLDERS.has(entry.name) ? [] : sourceFiles(path);
    return SOURCE.test(entry.name) ? [path] : [];
  });
}

// --- command ---

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const { violations, fileCount, workspaceCount } = checkLayers(root);
  for (const { file, line, rule, message } of violations) {
    process.stdout.write(`${file}:${line} ${rule}: ${message}\n`);
  }
  process.stdout.write(
    `layers: ${fileCount} files in ${workspaceCount} workspaces, ${violations.length} violations\n`,
  );
  process.exitCode = violations.length === 0 ? 0 : 1;
}
