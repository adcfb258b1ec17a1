// `npm run lint`: every static check except types. All of them run; any failure fails the command.

import { runStages } from "./stages.mjs";

/** Last line that matches, without colour codes: each tool's own count of what it examined. */
const lastLine = (pattern) => (output) =>
  output
    .split("\n")
    .filter((line) => pattern.test(line))
    .at(-1)
    ?.trim();

const passed = await runStages(
  [
    {
      name: "biome",
      command: ["biome", "check", "--error-on-warnings"],
      summary: lastLine(/^Checked \d+ files/),
    },
    {
      name: "oxlint",
      command: ["oxlint", "--type-aware", "--deny-warnings", "--report-unused-disable-directives"],
      summary: lastLine(/Finished in/),
    },
    { name: "layers", command: ["node", "tools/check-layers.mjs"], summary: lastLine(/^layers:/) },
    { name: "knip", command: ["knip", "--no-progress", "--no-config-hints"] },
    { name: "house rules", command: ["node", "tools/check-house.mjs"], summary: lastLine(/^house rules:/) },
  ],
  { keepGoing: true },
);
process.exitCode = passed ? 0 : 1;
