#!/usr/bin/env node
// Makes this checkout ready, then measures first starts of fresh clones under the pinned Node.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));

function run(command, args, cwd) {
  const { status, error } = spawnSync(command, args, { cwd, stdio: "inherit" });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

// Chromium and its driver come with the tests.
run(process.execPath, [join(here, "../tools/prepare.mjs"), "test"], join(here, ".."));
run(
  join(here, "../node_modules/node/bin/node"),
  [join(here, "src/start.ts"), ...process.argv.slice(2)],
  here,
);
