// Makes a checkout ready: `node tools/prepare.mjs start|test`. Runs before `npm start` and `npm test`.
//
// Plain JavaScript for Node 20.19 and newer with nothing installed, so it may import Node's own modules only.
//   start  production dependencies, then the web bundles of the browser apps. No root, no Debian package, no compile.
//   test   all dependencies, then the Debian packages that tests drive.
// Each step is skipped when its result is there already. Exit codes: 0 ready, 1 a step failed, 2 wrong use or
// a Node that is too old.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { delimiter, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const PINNED_NODE = join(ROOT, "node_modules/node/bin/node");
const INSTALL_MARKER = join(ROOT, "node_modules/.menshen-install.json");
const WEB_APPS = ["apps/console", "apps/resident", "apps/public", "apps/kiosk", "apps/city-console"];
const OLDEST_NODE = [20, 19];

/** Debian packages the tests drive, each with files that show it is there. One of the files is enough. */
const DEBIAN_PACKAGES = [
  { name: "socat", programs: ["socat"] },
  { name: "pcscd", programs: ["pcscd"] },
  { name: "vsmartcard-vpcd", files: ["/usr/lib/pcsc/drivers/serial/libifdvpcd.so"] },
  { name: "chromium", programs: ["chromium"] },
  { name: "fonts-noto-cjk", files: ["/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"] },
  { name: "strace", programs: ["strace"] },
  {
    name: "libfaketime",
    files: ["x86_64", "aarch64"].map((cpu) => `/usr/lib/${cpu}-linux-gnu/faketime/libfaketimeMT.so.1`),
  },
  { name: "iproute2", programs: ["ip"] },
  { name: "softhsm2", files: ["/usr/lib/softhsm/libsofthsm2.so"] },
  { name: "tshark", files: ["/usr/bin/tshark"] },
  { name: "openssl", files: ["/usr/bin/openssl"] },
  { name: "poppler-utils", files: ["/usr/bin/pdftotext"] },
];

/** A failure whose message is meant for the person at the keyboard. */
class PrepareError extends Error {}

function say(line) {
  process.stdout.write(`prepare: ${line}\n`);
}

function seconds(sinceMs) {
  return `${((Date.now() - sinceMs) / 1000).toFixed(1)} s`;
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

// A reader must see the old marker or the new one, never half of one.
function writeMarker(path, text) {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

// --- one at a time ---

/**
 * Takes the checkout's lock and returns its descriptor. The kernel owns the lock (flock on the open file) and
 * drops it when the last holder of the descriptor ends, however it ends: it is never stale. Children that
 * change files inherit the descriptor, so that a killed `prepare` does not free the lock under a running npm.
 */
function takeLock() {
  const folder = join(ROOT, ".menshen");
  mkdirSync(folder, { recursive: true });
  const fd = openSync(join(folder, "prepare.lock"), "a");
  const flock = (...options) =>
    spawnSync("flock", [...options, "3"], { stdio: ["ignore", "ignore", "ignore", fd] });
  const first = flock("-n");
  if (first.error !== undefined) {
    say("no `flock` on this machine: do not run two of these commands at once");
  } else if (first.status !== 0) {
    say("waiting for another prepare in this checkout");
    if (flock().status !== 0) throw new PrepareError("cannot take the lock `.menshen/prepare.lock`");
  }
  return fd;
}

/** Runs a program to its end on our output streams; returns what went wrong, or undefined. */
function run(command, args, lockFd, { env = {}, stdout = "inherit" } = {}) {
  const result = spawnSync(command, args, {
    cwd: ROOT,
    stdio: ["ignore", stdout, "inherit", lockFd],
    env: { ...process.env, ...env },
  });
  if (result.error !== undefined) return `cannot run \`${command}\`: ${result.error.message}`;
  if (result.signal !== null) return `it was ended by ${result.signal}`;
  return result.status === 0 ? undefined : `it ended with code ${result.status}`;
}

// --- npm dependencies ---

/** Folders of all workspaces, as paths from the root. Understands the two forms used here: `x` and `x/*`. */
function workspaceFolders() {
  const { workspaces } = readJson(join(ROOT, "package.json"));
  const folders = workspaces.flatMap((pattern) => {
    if (!pattern.endsWith("/*")) return [pattern];
    const parent = pattern.slice(0, -2);
    return existsSync(join(ROOT, parent))
      ? readdirSync(join(ROOT, parent)).map((name) => `${parent}/${name}`)
      : [];
  });
  return folders.filter((folder) => existsSync(join(ROOT, folder, "package.json"))).sort();
}

/** Hash over everything that decides what npm installs. */
function dependencyHash() {
  const hash = createHash("sha256");
  for (const path of ["package-lock.json", ".npmrc", "package.json"])
    hash.update(readFileSync(join(ROOT, path)));
  for (const folder of workspaceFolders()) {
    hash.update(`\0${folder}\0`).update(readFileSync(join(ROOT, folder, "package.json")));
  }
  return hash.digest("hex");
}

/**
 * True when what npm recorded as installed covers the lock file, as after a developer's `npm install`.
 * npm writes its record last, so a broken installation has none.
 */
function npmRecordCovers(everything) {
  const wanted = readJson(join(ROOT, "package-lock.json"))?.packages ?? {};
  const installed = readJson(join(ROOT, "node_modules/.package-lock.json"))?.packages;
  if (installed === undefined) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.includes("node_modules/") || entry.optional || entry.devOptional) return true;
    if (entry.dev && !everything) return true;
    const found = installed[path];
    return found !== undefined && found.version === entry.version && found.integrity === entry.integrity;
  });
}

function installDependencies(everything, lockFd) {
  const hash = dependencyHash();
  const marker = readJson(INSTALL_MARKER);
  const current = marker?.hash === hash && (marker.everything || !everything) && existsSync(PINNED_NODE);
  if (current) return;
  const record = (all) => writeMarker(INSTALL_MARKER, JSON.stringify({ hash, everything: all }));
  if (existsSync(PINNED_NODE) && npmRecordCovers(everything)) {
    record(everything || npmRecordCovers(true));
    return;
  }
  const startedMs = Date.now();
  say(
    everything
      ? "installing all npm dependencies"
      : "installing npm dependencies (without development tools)",
  );
  const flags = everything ? ["--include=dev"] : ["--omit=dev"];
  const args = ["ci", ...flags, "--no-audit", "--no-fund", "--loglevel=error"];
  // The npm that called us, under the Node that runs it: the pinned Node is about to be replaced.
  const npm = process.env.npm_execpath;
  const failure = npm?.endsWith(".js")
    ? run(process.env.npm_node_execpath ?? process.execPath, [npm, ...args], lockFd)
    : run("npm", args, lockFd);
  if (failure !== undefined) {
    throw new PrepareError(`\`npm ci\` failed: ${failure}; npm's own message is above`);
  }
  if (!existsSync(PINNED_NODE)) {
    throw new PrepareError("npm installed no pinned Node: the install script of package `node` did not run");
  }
  record(everything);
  say(`npm dependencies installed (${seconds(startedMs)})`);
}

// --- web bundles ---

/** Files below `folder` that can change a bundle, sorted. */
function bundleInputs(folder) {
  const found = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!["node_modules", "dist", "vectors"].includes(entry.name)) found.push(...bundleInputs(path));
    } else if (entry.isFile() && !/\.test\.[a-z]+$/.test(entry.name)) {
      found.push(path);
    }
  }
  return found.sort();
}

/** An app and every workspace it can reach through the dependencies in package.json. */
function foldersReachedBy(app) {
  const folderOf = new Map(
    workspaceFolders().map((folder) => [readJson(join(ROOT, folder, "package.json")).name, folder]),
  );
  const reached = new Set();
  const visit = (folder) => {
    if (folder === undefined || reached.has(folder)) return;
    reached.add(folder);
    const { dependencies = {} } = readJson(join(ROOT, folder, "package.json"));
    for (const name of Object.keys(dependencies)) visit(folderOf.get(name));
  };
  visit(app);
  return [...reached].sort();
}

function buildWebApp(app, lockFd) {
  if (!existsSync(join(ROOT, app, "vite.config.ts"))) {
    say(`no web bundle: ${app} has no Vite configuration`);
    return;
  }
  const hash = createHash("sha256").update(readFileSync(join(ROOT, "package-lock.json")));
  for (const path of foldersReachedBy(app).flatMap((folder) => bundleInputs(join(ROOT, folder)))) {
    hash.update(`\0${relative(ROOT, path)}\0`).update(readFileSync(path));
  }
  const key = hash.digest("hex");
  const marker = join(ROOT, app, "dist/.inputs");
  if (existsSync(marker) && readFileSync(marker, "utf8") === key) return;
  const startedMs = Date.now();
  say(`building ${app}`);
  // Vite empties the folder first, so the marker of an interrupted build is gone with it. Its warnings are for developers, who
  // meet them in the bundle stage of the tests.
  const vite = join(ROOT, "node_modules/vite/bin/vite.js");
  const failure = run(PINNED_NODE, [vite, "build", app, "--logLevel", "error"], lockFd, {
    env: { NODE_ENV: "production" },
  });
  if (failure !== undefined) throw new PrepareError(`\`vite build ${app}\` failed: ${failure}`);
  if (!existsSync(join(ROOT, app, "dist/index.html"))) {
    throw new PrepareError(`${app} was not built: Vite wrote no ${app}/dist/index.html`);
  }
  writeMarker(marker, key);
  say(`${app} built (${seconds(startedMs)})`);
}

// --- Debian packages ---

function missingDebianPackages() {
  // An ordinary user's PATH often lacks the system folders.
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/local/sbin", "/usr/sbin", "/sbin"];
  const onPath = (program) => folders.some((folder) => folder !== "" && existsSync(join(folder, program)));
  return DEBIAN_PACKAGES.filter(
    ({ programs = [], files = [] }) => !programs.some(onPath) && !files.some((file) => existsSync(file)),
  ).map(({ name }) => name);
}

function installDebianPackages(lockFd) {
  const missing = missingDebianPackages();
  if (missing.length === 0) return;
  const list = missing.join(" ");
  const mayInstall = process.getuid?.() === 0 && spawnSync("apt-get", ["--version"]).error === undefined;
  if (!mayInstall) {
    throw new PrepareError(
      `the tests need Debian packages that are missing; run \`apt-get install ${list}\` as root`,
    );
  }
  const startedMs = Date.now();
  say(`installing Debian packages: ${list}`);
  const quiet = { env: { DEBIAN_FRONTEND: "noninteractive" }, stdout: "ignore" };
  const wait = ["-o", "DPkg::Lock::Timeout=300"];
  // A failed update may still leave a usable package list, so only the installation decides.
  run("apt-get", ["update", "-qq", ...wait], lockFd, quiet);
  const install = ["install", "-y", "-qq", "--no-install-recommends", ...wait, ...missing];
  const failure = run("apt-get", install, lockFd, quiet);
  const still = missingDebianPackages();
  if (still.length > 0) {
    throw new PrepareError(
      `Debian packages are still missing: ${still.join(" ")}${failure === undefined ? "" : ` (apt-get: ${failure})`}`,
    );
  }
  say(`Debian packages installed (${seconds(startedMs)})`);
}

// --- main ---

function main() {
  const mode = process.argv[2];
  if ((mode !== "start" && mode !== "test") || process.argv.length !== 3) {
    process.stderr.write("usage: node tools/prepare.mjs start|test\n");
    return 2;
  }
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
    process.stderr.write(
      `prepare: expected Node ${OLDEST_NODE.join(".")} or newer, got ${process.versions.node}\n`,
    );
    return 2;
  }
  try {
    const lockFd = takeLock();
    installDependencies(mode === "test", lockFd);
    if (mode === "start") for (const app of WEB_APPS) buildWebApp(app, lockFd);
    else installDebianPackages(lockFd);
    return 0;
  } catch (error) {
    // A system error (no permission, disk full) names its path itself; anything else is our bug.
    if (!(error instanceof PrepareError) && typeof error.code !== "string") throw error;
    process.stderr.write(`prepare: ${error.message}\n`);
    return 1;
  }
}

process.exitCode = main();
