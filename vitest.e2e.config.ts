import { defineConfig } from "vitest/config";
import { LongestFirst } from "./tools/longest-first.ts";

/** Tests of the whole: real processes, sockets and a browser. One file at a time, since each fills the machine. */
export default defineConfig({
  test: {
    include: ["e2e/src/**/*.{e2e,browser}.ts"],
    sequence: { sequencer: LongestFirst },
    globalSetup: ["tools/built-programs.ts", "e2e/src/harness/seeded-demo.ts"],
    fileParallelism: false,
    // A busy machine is no fault of what is tested.
    expect: { poll: { timeout: 30_000 } },
    testTimeout: 180_000,
    hookTimeout: 300_000,
  },
});
