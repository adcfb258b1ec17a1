#!/usr/bin/env node
// Installs the rivals beside the benchmark, then measures under the pinned Node.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));

function run(command, args, cwd) {
  const { status, error } = spawnSync(command, args, { cwd, stdio: "inherit" });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

run(process.execPath, [join(here, "../tools/prepare.mjs"), "start"], join(here, ".."));
if (!existsSync(join(here, "node_modules"))) run("npm", ["ci", "--loglevel=error"], here);
run(join(here, "../node_modules/node/bin/node"), [join(here, "src/main.ts"), ...process.argv.slice(2)], here);
