import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["packages/*/src/**/*.test.{ts,tsx}", "apps/*/src/**/*.test.{ts,tsx}", "tools/**/*.test.mjs"],
    globalSetup: ["apps/community/src/testing/database-folder.ts"],
    // Two cores: more workers only make a shared machine noisier.
    maxWorkers: 2,
    // A new module graph for each of some 350 files costs a third of the run; tests give back what they change.
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
