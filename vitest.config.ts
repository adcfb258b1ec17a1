import { defineConfig } from "vitest/config";
import { LongestFirst } from "./tools/longest-first.ts";

export default defineConfig({
  test: {
    include: ["packages/*/src/**/*.test.{ts,tsx}", "apps/*/src/**/*.test.{ts,tsx}", "tools/**/*.test.mjs"],
    sequence: { sequencer: LongestFirst },
    setupFiles: ["packages/testkit/src/each-file.ts"],
    // Worth it where many files run: one alone would wait for a build that it may not use.
    globalSetup: [
      ...(process.env.MENSHEN_BUILT_PROGRAMS === undefined ? [] : ["tools/built-programs.ts"]),
      "packages/testkit/src/database-folder.ts",
    ],
    // Two cores: with a third worker they have work also while tests wait for processes, locks and disks.
    maxWorkers: 3,
    // A new module graph for each of some 350 files costs a third of the run; tests give back what they change.
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Databases are stopped in order, however busy the machine is.
    teardownTimeout: 60_000,
  },
});
