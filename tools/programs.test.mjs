import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { buildPrograms, ENTRIES } from "./programs.mjs";
import { ROOT } from "./stages.mjs";

const NODE = join(ROOT, "node_modules/node/bin/node");
/** Tells every file that Node loads. */
const TELL = `import { registerHooks } from "node:module";
registerHooks({ load(url, context, next) { process.stderr.write(url + "\\n"); return next(url, context); } });`;

describe("built programs", () => {
  let options = "";

  beforeAll(async () => {
    options = await buildPrograms();
  }, 120_000);

  function start(path, builtBy) {
    return spawnSync(NODE, [join(ROOT, path), "--version"], {
      encoding: "utf8",
      env: {
        ...process.env,
        NODE_OPTIONS: `${builtBy} --import=data:text/javascript,${encodeURIComponent(TELL)}`,
      },
    });
  }
  const sourcesIn = (text) => text.match(/^file:.*\/(?:apps|packages)\/.*\/src\/.*$/gm) ?? [];

  it("stand for the sources at their own paths, and say the same", () => {
    const path = "apps/cli/src/main.ts";
    const plain = start(path, "");
    expect(sourcesIn(plain.stderr).length).toBeGreaterThan(10);
    const built = start(path, options);
    expect(sourcesIn(built.stderr)).toEqual([]);
    expect(built.stdout).toMatch(/\d/);
    expect([built.status, built.stdout]).toEqual([plain.status, plain.stdout]);
  }, 60_000);

  it("are there for every program and every thread", () => {
    const folders = "{apps/{cli,city,community,gate},packages/{custody,service-kit}}/src";
    const threads = globSync(`${folders}/**/*-worker.ts`, { cwd: ROOT }).filter(
      (file) => !file.includes("/testing/"),
    );
    expect(threads.length).toBeGreaterThan(5);
    expect(threads.filter((file) => !ENTRIES.includes(file))).toEqual([]);
    expect(ENTRIES.filter((entry) => !existsSync(join(ROOT, entry)))).toEqual([]);
  });

  it("are not built again while nothing has changed", async () => {
    expect(await buildPrograms()).toBe(options);
  });

  it("are passed over by a Node that is too old for them, which hands over to the pinned one", () => {
    // As such a Node has it: no hooks of this kind.
    const without = `data:text/javascript,${encodeURIComponent("import m from 'node:module'; delete m.registerHooks;")}`;
    const text = execFileSync(NODE, [`--import=${without}`, options, "-p", "'goes on'"], {
      encoding: "utf8",
    });
    expect(text).toBe("goes on\n");
  });
});
