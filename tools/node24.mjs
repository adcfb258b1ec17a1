// Runs an entry file under the Node that this repository pins, whatever Node started us.
//
// Plain JavaScript for Node 20.19 and newer: this file runs before anything is known about the machine.
// A `bin` file is three lines:
//
//   #!/usr/bin/env node
//   import { runPinned } from "../../../tools/node24.mjs";
//   await runPinned(new URL("../src/main.ts", import.meta.url));

import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import module from "node:module";
import { constants } from "node:os";
import { fileURLToPath, pathToFileURL } from "node:url";

const PINNED_NODE = fileURLToPath(new URL("../node_modules/node/bin/node", import.meta.url));
const PINNED_PACKAGE = new URL("../node_modules/node/package.json", import.meta.url);
const PARENT_WATCH = new URL("./parent-watch.mjs", import.meta.url);

/** Modules as Node compiled them, so that only the first start strips types and compiles. Node checks their sources. */
const COMPILE_CACHE = fileURLToPath(new URL("../.menshen/compile-cache", import.meta.url));

/** Signals that end a program from outside; each is passed on to the child. */
const FORWARDED_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"];

/** File descriptor under which the child holds its end of the life line; 3 may be in use (see below). */
const LIFELINE_FD = 4;

/**
 * Finds the pinned Node from this file's own location, so that the working directory and PATH do not matter.
 *
 * @returns {string} absolute path of the executable.
 * @throws {Error} if dependencies are not installed; the message names the command that installs them.
 */
export function pinnedNode() {
  if (!existsSync(PINNED_NODE)) {
    throw new Error("the pinned Node is not installed: run `npm ci` in the repository first");
  }
  return PINNED_NODE;
}

/**
 * Runs `entry` with this process's arguments under the pinned Node.
 *
 * When the running Node already is the pinned version the entry is imported in place: one process, nothing to
 * forward. Otherwise a child takes over the three standard streams and
 * - SIGINT, SIGTERM, SIGHUP and SIGQUIT are forwarded. From a terminal the child gets Ctrl-C twice (once from
 *   the terminal, once from here), so a program must treat a repeated signal as the same request;
 * - this process ends as the child ended: same exit code, or killed by the same signal;
 * - a `kill -9` of this process ends the child too: the child holds one end of a socket pair and
 *   `parent-watch.mjs`, preloaded into it, turns the end of file into SIGTERM.
 *
 * @param {URL | string} entry TypeScript or JavaScript file, as a file URL or an absolute path.
 * @returns {Promise<void>} when the entry was imported in place; does not return when a child ran.
 */
export async function runPinned(entry) {
  const path = typeof entry === "string" ? entry : fileURLToPath(entry);
  let node;
  try {
    node = pinnedNode();
  } catch (error) {
    process.stderr.write(`menshen: ${error.message}\n`);
    process.exit(1);
  }
  // Inherited by every process that the entry starts. Where it cannot be written Node goes without.
  process.env.NODE_COMPILE_CACHE ??= COMPILE_CACHE;
  if (process.version === `v${JSON.parse(readFileSync(PINNED_PACKAGE, "utf8")).version}`) {
    process.argv[1] = path;
    module.enableCompileCache(process.env.NODE_COMPILE_CACHE);
    await import(pathToFileURL(path).href);
    return;
  }
  // A starter above us may have given its own life line as descriptor 3: the program itself reads that one.
  const given = process.env.MENSHEN_PARENT_FD === "3" ? "inherit" : "ignore";
  const child = spawn(node, ["--import", PARENT_WATCH.href, path, ...process.argv.slice(2)], {
    stdio: ["inherit", "inherit", "inherit", given, "pipe"],
    env: { ...process.env, MENSHEN_LIFELINE_FD: String(LIFELINE_FD) },
  });
  for (const signal of FORWARDED_SIGNALS) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    process.stderr.write(`menshen: cannot start the pinned Node: ${error.message}\n`);
    process.exit(1);
  });
  await new Promise(() => {
    child.on("exit", (code, signal) => endLike(code, signal));
  });
}

/** Ends this process the way a child ended, so that a shell or a supervisor sees the child's own fate. */
function endLike(code, signal) {
  if (signal === null) process.exit(code ?? 1);
  for (const forwarded of FORWARDED_SIGNALS) process.removeAllListeners(forwarded);
  process.kill(process.pid, signal);
  // Reached only for signals whose default does not end a process.
  setTimeout(() => process.exit(128 + (constants.signals[signal] ?? 0)), 100);
}
