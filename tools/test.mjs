// `npm test`, `npm run fuzz`, `npm run soak`: the stages that a change must pass, each with its time.
//
//   node tools/test.mjs [--stage NAME] [--keep-going]   all stages, or one; the first failure ends the run
//   node tools/test.mjs fuzz                            fuzz tests only, long
//   node tools/test.mjs soak                            the tests of loss and of offline months, long
//
// Environment: FUZZ_RUNS is the number of inputs each fuzz test tries, LOSS_KILLS the number of `kill -9` of the
// loss test, MONTHS_TAPS the number of taps in 120 offline days; each command has its own defaults below.

import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { runStages } from "./stages.mjs";

/** Chosen so that all fuzz files together stay below two minutes on two slow cores. */
const FUZZ_RUNS_TEST = "10000";
const FUZZ_RUNS_LONG = "200000";
const LOSS_KILLS_TEST = "200";
const LOSS_KILLS_LONG = "1000";
const MONTHS_TAPS_TEST = "40000";
const MONTHS_TAPS_LONG = "100000";

const DAY_MS = 24 * 60 * 60 * 1000;

/** Vitest's own count of files and tests, and the seeds that a test named, so that a run can be repeated. */
function vitestSummary(output) {
  const count = (label) => output.match(new RegExp(`^\\s*${label}\\s+(.*)$`, "m"))?.[1]?.trim();
  const files = count("Test Files");
  if (files === undefined) return undefined;
  const seeds = new Set(output.match(/\bseed \d+/g) ?? []);
  return [`files ${files}`, `tests ${count("Tests")}`, ...seeds].join("; ");
}

/** Each failed test with the first line of what it says, at most 20. */
function vitestFaults(output) {
  return (output.match(/^ FAIL {2}.*\n.*$/gm) ?? [])
    .slice(0, 20)
    .map((two) => two.replace("\n", ": ").trim());
}

/** Of every program that a test starts, as `menshen` itself has it: stripped and compiled once, not at each start. */
const COMPILE_CACHE = fileURLToPath(new URL("../.menshen/compile-cache", import.meta.url));

function vitest(name, args, { env = {}, ...more } = {}) {
  const command = ["vitest", "run", ...args];
  const cached = { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? COMPILE_CACHE, ...env };
  return { name, command, env: cached, summary: vitestSummary, faults: vitestFaults, ...more };
}

const fuzzRuns = (fallback) => ({ FUZZ_RUNS: process.env.FUZZ_RUNS ?? fallback });
const lossKills = (fallback) => ({ LOSS_KILLS: process.env.LOSS_KILLS ?? fallback });
const monthsTaps = (fallback) => ({ MONTHS_TAPS: process.env.MONTHS_TAPS ?? fallback });
const WHOLE = ["--config", "vitest.e2e.config.ts", "--reporter", "verbose"];
/** These fill the machine by themselves; the others wait more than they work, so two of them share it. */
const FILLING = ["loss.e2e.ts", "months.e2e.ts", "log-kills.e2e.ts"];
const TWO_AT_ONCE = ["--fileParallelism", "--maxWorkers", "2"];

const STAGES = [
  { name: "type-check", command: ["tsc", "--noEmit", "-p", "tsconfig.json"] },
  { name: "lint", command: ["node", "tools/lint.mjs"] },
  vitest("unit", ["--exclude", "**/*.fuzz.test.{ts,tsx}"], { limitMinutes: 20 }),
  vitest("fuzz", [".fuzz.test.", "--maxWorkers", "2", "--testTimeout", "120000"], {
    env: fuzzRuns(FUZZ_RUNS_TEST),
  }),
  vitest("long", [...WHOLE, ...FILLING], {
    env: { ...lossKills(LOSS_KILLS_TEST), ...monthsTaps(MONTHS_TAPS_TEST) },
    limitMinutes: 20,
  }),
  vitest(
    "e2e",
    [...WHOLE, ...TWO_AT_ONCE, ".e2e.ts", ...FILLING.flatMap((file) => ["--exclude", `**/${file}`])],
    { limitMinutes: 20 },
  ),
  { name: "bundle", command: ["node", "tools/bundle.mjs"] },
  vitest("browser", [...WHOLE, ...TWO_AT_ONCE, ".browser.ts"], { limitMinutes: 40 }),
];

const COMMANDS = {
  fuzz: [
    vitest("fuzz", [".fuzz.test.", "--maxWorkers", "2", "--testTimeout", String(DAY_MS)], {
      env: fuzzRuns(FUZZ_RUNS_LONG),
      limitMinutes: 24 * 60,
    }),
  ],
  soak: [
    vitest("soak", [...WHOLE, "loss.e2e.ts", "months.e2e.ts"], {
      env: { ...lossKills(LOSS_KILLS_LONG), ...monthsTaps(MONTHS_TAPS_LONG) },
      limitMinutes: 24 * 60,
    }),
  ],
};

const names = STAGES.map(({ name }) => name);
const USAGE = `usage: node tools/test.mjs [fuzz|soak] [--stage ${names.join("|")}] [--keep-going]\n`;

function plan() {
  try {
    const options = { stage: { type: "string" }, "keep-going": { type: "boolean", default: false } };
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    const [command, ...others] = positionals;
    if (others.length > 0 || (command !== undefined && values.stage !== undefined)) return undefined;
    const keepGoing = values["keep-going"];
    if (command !== undefined)
      return Object.hasOwn(COMMANDS, command) && { stages: COMMANDS[command], keepGoing };
    if (values.stage === undefined) return { stages: STAGES, keepGoing };
    return (
      names.includes(values.stage) && {
        stages: STAGES.filter(({ name }) => name === values.stage),
        keepGoing,
      }
    );
  } catch {
    return undefined;
  }
}

const planned = plan();
if (!planned) {
  process.stderr.write(USAGE);
  process.exitCode = 2;
} else {
  process.exitCode = (await runStages(planned.stages, { keepGoing: planned.keepGoing })) ? 0 : 1;
}
