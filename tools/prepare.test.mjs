import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

// A stand-in for npm: notes its arguments and leaves what `npm ci` would. It installs nothing.
const NPM = `
import { appendFileSync, copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
appendFileSync("npm.log", "begin " + process.argv.slice(2).join(" ") + "\\n");
if (existsSync("npm-fails")) process.exit(1);
rmSync("node_modules", { recursive: true, force: true });
while (existsSync("npm-waits")) await setTimeout(10);
mkdirSync("node_modules/node/bin", { recursive: true });
if (!existsSync("npm-skips-node")) writeFileSync("node_modules/node/bin/node", "");
if (existsSync("fake-vite.js")) {
  mkdirSync("node_modules/vite/bin", { recursive: true });
  copyFileSync("fake-vite.js", "node_modules/vite/bin/vite.js");
  rmSync("node_modules/node/bin/node");
  copyFileSync("run-node.sh", "node_modules/node/bin/node");
}
appendFileSync("npm.log", "end\\n");
`;

const CI_ALL = "begin ci --include=dev --no-audit --no-fund --loglevel=error";
const CI_START = "begin ci --omit=dev --no-audit --no-fund --loglevel=error";

let root;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "menshen-prepare-"));
  put("package.json", '{ "workspaces": ["packages/*", "apps/*"] }');
  put("package-lock.json", '{ "packages": {} }');
  put(".npmrc", "");
  put("packages/domain/package.json", '{ "name": "@menshen/domain" }');
  put("packages/domain/src/index.ts", "export const one = 1;\n");
  put("packages/osdp/package.json", '{ "name": "@menshen/osdp" }');
  put("packages/osdp/src/index.ts", "export const two = 2;\n");
  put("npm.mjs", NPM);
  put("npm.js", `import("./npm.mjs");`);
  mkdirSync(join(root, "tools"));
  copyFileSync(new URL("./prepare.mjs", import.meta.url), join(root, "tools/prepare.mjs"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(path, text) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const environment = () => ({
  ...process.env,
  npm_execpath: join(root, "npm.js"),
  npm_node_execpath: process.execPath,
});

function prepare(...args) {
  const result = spawnSync(process.execPath, [join(root, "tools/prepare.mjs"), ...args], {
    env: environment(),
    encoding: "utf8",
  });
  return { code: result.status, output: result.stdout + result.stderr };
}

function npmCalls() {
  const log = join(root, "npm.log");
  return existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : [];
}

describe("dependencies", () => {
  test("are installed once for start, without development tools", () => {
    expect(prepare("start").code).toBe(0);
    expect(prepare("start").code).toBe(0);
    expect(npmCalls()).toEqual([CI_START, "end"]);
  });

  test("of a start are not enough for tests", () => {
    prepare("start");
    expect(prepare("test").code).toBe(0);
    expect(npmCalls()).toEqual([CI_START, "end", CI_ALL, "end"]);
  });

  test("of the tests are enough for a start", () => {
    prepare("test");
    expect(prepare("start").code).toBe(0);
    expect(npmCalls()).toEqual([CI_ALL, "end"]);
  });

  test.each(["package-lock.json", "packages/osdp/package.json", ".npmrc"])(
    "are installed again when %s changed",
    (path) => {
      prepare("start");
      put(path, `${readFileSync(join(root, path), "utf8")} `);
      prepare("start");
      expect(npmCalls()).toEqual([CI_START, "end", CI_START, "end"]);
    },
  );

  test("that a developer installed with npm are adopted when npm's record covers the lock file", () => {
    const wanted = {
      "node_modules/a": { version: "1.0.0", integrity: "x" },
      "node_modules/b": { version: "2.0.0", dev: true },
    };
    put("package-lock.json", JSON.stringify({ packages: wanted }));
    put("node_modules/node/bin/node", "");
    put("node_modules/.package-lock.json", JSON.stringify({ packages: wanted }));
    expect(prepare("test").code).toBe(0);
    expect(npmCalls()).toEqual([]);
  });

  test("without development tools, installed by a developer, do for start only", () => {
    const production = { "node_modules/a": { version: "1.0.0", integrity: "x" } };
    const wanted = { ...production, "node_modules/b": { version: "2.0.0", dev: true } };
    put("package-lock.json", JSON.stringify({ packages: wanted }));
    put("node_modules/node/bin/node", "");
    put("node_modules/.package-lock.json", JSON.stringify({ packages: production }));
    expect(prepare("start").code).toBe(0);
    expect(npmCalls()).toEqual([]);
    expect(prepare("test").code).toBe(0);
    expect(npmCalls()).toEqual([CI_ALL, "end"]);
  });

  test("of another version, installed by a developer, are not adopted", () => {
    put("package-lock.json", JSON.stringify({ packages: { "node_modules/a": { version: "1.0.1" } } }));
    put("node_modules/node/bin/node", "");
    put(
      "node_modules/.package-lock.json",
      JSON.stringify({ packages: { "node_modules/a": { version: "1.0.0" } } }),
    );
    prepare("start");
    expect(npmCalls()).toEqual([CI_START, "end"]);
  });
});

describe("a failure", () => {
  test("of npm is told, and the next run tries again", () => {
    put("npm-fails", "");
    const { code, output } = prepare("start");
    expect(code).toBe(1);
    expect(output).toContain("prepare: `npm ci` failed: it ended with code 1; npm's own message is above\n");
    rmSync(join(root, "npm-fails"));
    expect(prepare("start").code).toBe(0);
    expect(npmCalls()).toEqual([CI_START, CI_START, "end"]);
  });

  test("of the pinned Node's install script is told", () => {
    put("npm-skips-node", "");
    const { code, output } = prepare("start");
    expect(code).toBe(1);
    expect(output).toContain("prepare: npm installed no pinned Node");
  });

  test.each([[[]], [["stop"]], [["start", "now"]]])("of the arguments %j gives code 2", (args) => {
    expect(prepare(...args)).toEqual({ code: 2, output: "usage: node tools/prepare.mjs start|test\n" });
  });

  test("of an old Node gives code 2 and says what is needed", () => {
    const old = `data:text/javascript,${encodeURIComponent('Object.defineProperty(process.versions, "node", { value: "20.18.9" });')}`;
    const result = spawnSync(process.execPath, ["--import", old, join(root, "tools/prepare.mjs"), "start"], {
      encoding: "utf8",
    });
    expect(result.status).toBe(2);
    expect(result.stderr).toBe("prepare: expected Node 20.19 or newer, got 20.18.9\n");
    expect(npmCalls()).toEqual([]);
  });
});

describe("two at once", () => {
  const startOne = () => {
    const child = spawn(process.execPath, [join(root, "tools/prepare.mjs"), "start"], { env: environment() });
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    const ended = new Promise((resolve) => child.on("close", (code) => resolve({ code, output })));
    const says = async (text) => {
      while (!output.includes(text)) await new Promise((resolve) => setTimeout(resolve, 10));
    };
    return { child, ended, says };
  };
  const letNpmGoOn = () => rmSync(join(root, "npm-waits"));
  const begun = async () => {
    while (npmCalls().length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  };

  test("take turns, and the second finds the work done", async () => {
    put("npm-waits", "");
    const first = startOne();
    await begun();
    const second = startOne();
    await second.says("waiting for another prepare");
    letNpmGoOn();
    expect((await second.ended).code).toBe(0);
    expect((await first.ended).code).toBe(0);
    expect(npmCalls()).toEqual([CI_START, "end"]);
  });

  test("also wait for the npm of one that was killed, and its lock is not stale after that", async () => {
    put("npm-waits", "");
    const first = startOne();
    await begun();
    first.child.kill("SIGKILL");
    const second = startOne();
    await second.says("waiting");
    letNpmGoOn();
    expect((await second.ended).code).toBe(0);
    // The first npm ended before the second began; nobody wrote the marker for the first.
    expect(npmCalls()).toEqual([CI_START, "end", CI_START, "end"]);
  });
});

describe("the web bundle", () => {
  beforeEach(() => {
    const vite = `
      const fs = require("node:fs");
      fs.appendFileSync("vite.log", process.argv.slice(2).join(" ") + "\\n");
      if (fs.existsSync("vite-fails")) process.exit(1);
      const dist = process.argv[3] + "/dist";
      fs.rmSync(dist, { recursive: true, force: true });
      fs.mkdirSync(dist);
      fs.writeFileSync(dist + "/index.html", "");
    `;
    put("fake-vite.js", vite);
    put("run-node.sh", `#!/bin/sh\nexec "${process.execPath}" "$@"\n`);
    chmodSync(join(root, "run-node.sh"), 0o755);
    put(
      "apps/console/package.json",
      '{ "name": "@menshen/console", "dependencies": { "@menshen/domain": "*" } }',
    );
    put("apps/console/src/main.tsx", "export {};\n");
    put("apps/console/vite.config.ts", "export default {};\n");
  });
  const builds = () =>
    existsSync(join(root, "vite.log")) ? readFileSync(join(root, "vite.log"), "utf8").trim().split("\n") : [];

  test("is built once, by the pinned Node", () => {
    expect(prepare("start").code).toBe(0);
    expect(prepare("start").code).toBe(0);
    expect(builds()).toEqual(["build apps/console --logLevel error"]);
  });

  test("is built again when a file that can reach it changed, and only then", () => {
    prepare("start");
    put("packages/domain/src/index.ts", "export const one = 11;\n");
    prepare("start");
    expect(builds()).toHaveLength(2);
    put("packages/osdp/src/index.ts", "export const two = 22;\n");
    put("packages/domain/src/index.test.ts", "export {};\n");
    prepare("start");
    expect(builds()).toHaveLength(2);
  });

  test("that was not finished is built again", () => {
    put("vite-fails", "");
    const { code, output } = prepare("start");
    expect(code).toBe(1);
    expect(output).toContain("prepare: `vite build apps/console` failed: it ended with code 1\n");
    rmSync(join(root, "vite-fails"));
    expect(prepare("start").code).toBe(0);
    expect(builds()).toHaveLength(2);
  });

  test("of each app is built by itself", () => {
    put("apps/public/package.json", '{ "name": "@menshen/public" }');
    put("apps/public/vite.config.ts", "export default {};\n");
    prepare("start");
    put("packages/domain/src/index.ts", "export const one = 11;\n");
    prepare("start");
    expect(builds()).toEqual([
      "build apps/console --logLevel error",
      "build apps/public --logLevel error",
      "build apps/console --logLevel error",
    ]);
  });

  test("is left out with a line when there is no configuration", () => {
    rmSync(join(root, "apps/console/vite.config.ts"));
    expect(prepare("start")).toEqual({
      code: 0,
      output: expect.stringContaining("no web bundle: apps/console has no Vite configuration"),
    });
    expect(builds()).toEqual([]);
  });

  test("is no business of the tests", () => {
    expect(prepare("test").code).toBe(0);
    expect(builds()).toEqual([]);
  });
});

describe("Debian packages", () => {
  // A machine of our own making: PATH leads to stand-ins only, and whether we are root is said by a preload.
  const asUser = (uid) => `data:text/javascript,${encodeURIComponent(`process.getuid = () => ${uid};`)}`;

  beforeEach(() => {
    const apt = `#!/bin/sh
HERE=$(cd "$(/usr/bin/dirname "$0")" && pwd)
echo "apt-get $*" >> "$HERE/../apt.log"
[ "$1" = install ] && [ ! -e "$HERE/../apt-fails" ] || exit 0
for program in socat strace chromium; do : > "$HERE/$program"; done
`;
    put("path/apt-get", apt);
    chmodSync(join(root, "path/apt-get"), 0o755);
    put("path/chromium", "");
  });

  function prepareAs(uid) {
    const options = { env: { ...environment(), PATH: join(root, "path") }, encoding: "utf8" };
    const args = ["--import", asUser(uid), join(root, "tools/prepare.mjs"), "test"];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, options);
    return { code: status, output: stdout + stderr };
  }
  const aptCalls = () =>
    existsSync(join(root, "apt.log")) ? readFileSync(join(root, "apt.log"), "utf8").trim().split("\n") : [];

  test("that are missing are installed for root: one update, one installation, no second time", () => {
    expect(prepareAs(0).code).toBe(0);
    expect(prepareAs(0).code).toBe(0);
    expect(aptCalls()).toEqual([
      "apt-get --version",
      "apt-get update -qq -o DPkg::Lock::Timeout=300",
      "apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 socat strace",
    ]);
  });

  test("that are missing are named for an ordinary user, and apt is not asked", () => {
    const { code, output } = prepareAs(1000);
    expect(code).toBe(1);
    expect(output).toContain(
      "prepare: the tests need Debian packages that are missing; run `apt-get install socat strace` as root\n",
    );
    expect(aptCalls()).toEqual([]);
  });

  test("that apt-get did not bring are named", () => {
    put("apt-fails", "");
    const { code, output } = prepareAs(0);
    expect(code).toBe(1);
    expect(output).toContain("prepare: Debian packages are still missing: socat strace\n");
  });

  test("that are missing are named where there is no apt-get", () => {
    rmSync(join(root, "path/apt-get"));
    const { code, output } = prepareAs(0);
    expect(code).toBe(1);
    expect(output).toContain("run `apt-get install socat strace` as root");
  });
});
