import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pinnedNode } from "./node24.mjs";

const CHECKOUT = fileURLToPath(new URL("..", import.meta.url));
const HELPER = new URL("./node24.mjs", import.meta.url).href;
const PINNED = `v${JSON.parse(readFileSync(new URL("../node_modules/node/package.json", import.meta.url), "utf8")).version}`;

// Loaded first, it makes the wrapper believe that it runs under another Node, so that it starts a child.
const OTHER_VERSION = `data:text/javascript,${encodeURIComponent('Object.defineProperty(process, "version", { value: "v20.19.0" });')}`;

const ENTRY = `
import { getCompileCacheDir } from "node:module";
type Word = string;
const words: readonly Word[] = process.argv.slice(2);
process.on("SIGTERM", () => process.stdout.write("SIGTERM\\n", () => process.exit(7)));
const cache = getCompileCacheDir();
process.stdout.write(JSON.stringify({ pid: process.pid, version: process.version, words, cache }) + "\\n");
if (words[0] === "stay") setInterval(() => undefined, 1000);
if (words[0] === "fail") process.exitCode = 3;
`;

let folder;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "menshen-node24-"));
  writeFileSync(join(folder, "entry.ts"), ENTRY);
  const entry = JSON.stringify(join(folder, "entry.ts"));
  writeFileSync(
    join(folder, "bin.mjs"),
    `import { runPinned } from "${HELPER}";\nawait runPinned(${entry});\n`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Starts the bin file and resolves with the process, the entry's first line and all that follows it. */
function start(options, word) {
  const env = { ...process.env, NODE_COMPILE_CACHE: undefined };
  const child = spawn(pinnedNode(), [...options, join(folder, "bin.mjs"), word], { env });
  let text = "";
  const ended = new Promise((resolve) =>
    child.on("close", (code, signal) => resolve({ code, signal, text })),
  );
  return new Promise((resolve) => {
    child.stdout.on("data", (chunk) => {
      const before = text.includes("\n");
      text += chunk;
      if (!before && text.includes("\n")) resolve({ child, ended, hello: JSON.parse(text.split("\n")[0]) });
    });
  });
}

describe.each([
  ["in place", [], true],
  ["in a child", ["--import", OTHER_VERSION], false],
])("an entry run %s", (_name, options, inPlace) => {
  test("is TypeScript under the pinned Node, with the arguments", async () => {
    const { child, ended, hello } = await start(options, "word");
    expect(hello.words).toEqual(["word"]);
    expect(hello.pid === child.pid).toBe(inPlace);
    if (!inPlace) expect(hello.version).toBe(PINNED);
    expect((await ended).code).toBe(0);
  });

  test("keeps what it compiled in the checkout", async () => {
    const { ended, hello } = await start(options, "word");
    expect(hello.cache.startsWith(join(CHECKOUT, ".menshen/compile-cache/"))).toBe(true);
    await ended;
  });

  test("passes its exit code on", async () => {
    const { ended } = await start(options, "fail");
    expect((await ended).code).toBe(3);
  });

  test("gets the signal that the bin file gets", async () => {
    const { child, ended } = await start(options, "stay");
    child.kill("SIGTERM");
    const { code, text } = await ended;
    expect(code).toBe(7);
    expect(text).toMatch(/SIGTERM\n$/);
  });

  test("ends by the same signal when nobody handles it", async () => {
    const { child, ended } = await start(options, "stay");
    child.kill("SIGHUP");
    expect((await ended).signal).toBe("SIGHUP");
  });

  test("does not survive `kill -9` of the bin file", async () => {
    const { child, ended } = await start(options, "stay");
    child.kill("SIGKILL");
    // The pipe of standard output closes only when the last process that holds it has ended.
    const { signal, text } = await ended;
    expect(signal).toBe("SIGKILL");
    if (!inPlace) expect(text).toMatch(/SIGTERM\n$/);
  });
});

test("a checkout without dependencies is told what to do", () => {
  const lonely = mkdtempSync(join(tmpdir(), "menshen-node24-bare-"));
  try {
    writeFileSync(join(lonely, "node24.mjs"), readFileSync(new URL("./node24.mjs", import.meta.url)));
    writeFileSync(
      join(lonely, "bin.mjs"),
      'import { runPinned } from "./node24.mjs";\nawait runPinned("/nowhere.ts");\n',
    );
    const { status, stderr } = spawnSync(pinnedNode(), [join(lonely, "bin.mjs")], { encoding: "utf8" });
    expect(status).toBe(1);
    expect(stderr).toBe("menshen: the pinned Node is not installed: run `npm ci` in the repository first\n");
  } finally {
    rmSync(lonely, { recursive: true, force: true });
  }
});
