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

/** @param files parts of the paths of the test files; all when empty */
function vitest(name, args, files, { env = {}, ...more } = {}) {
  const cached = { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? COMPILE_CACHE, ...env };
  return {
    name,
    command: ["vitest", "run", ...args, ...files],
    env: cached,
    summary: vitestSummary,
    faults: vitestFaults,
    again: (output) => {
      const failed = failedFiles(output);
      return failed === undefined ? undefined : ["vitest", "run", ...args, ...failed];
    },
    ...more,
  };
}

/**
 * The test files to run once more alone. A shared machine is sometimes slow enough for one test of thousands to miss
 * its moment; many at once, or a fault outside of tests, are none of that.
 */
function failedFiles(output) {
  if (/^⎯+ Unhandled Errors? ⎯+$/m.test(output)) return undefined;
  const files = new Set([...output.matchAll(/^ FAIL {2}(\S+)/gm)].map(([, file]) => file));
  return files.size === 0 || files.size > MOST_AGAIN ? undefined : [...files];
}

const fuzzRuns = (fallback) => ({ FUZZ_RUNS: process.env.FUZZ_RUNS ?? fallback });
const lossKills = (fallback) => ({ LOSS_KILLS: process.env.LOSS_KILLS ?? fallback });
const monthsTaps = (fallback) => ({ MONTHS_TAPS: process.env.MONTHS_TAPS ?? fallback });
const WHOLE = ["--config", "vitest.e2e.config.ts", "--reporter", "verbose"];
/** More failed files than this are not run again. */
const MOST_AGAIN = 3;
/** These fill the machine by themselves; the others wait more than they work, so two of them share it. */
const FILLING = ["loss.e2e.ts", "months.e2e.ts", "log-kills.e2e.ts"];
const TWO_AT_ONCE = ["--fileParallelism", "--maxWorkers", "2"];
/** A browser, a demonstration and whoever waits for them are at work two thirds of the time of one core. */
const THREE_AT_ONCE = ["--fileParallelism", "--maxWorkers", "3"];

const STAGES = [
  { name: "type-check", command: ["tsc", "--noEmit", "-p", "tsconfig.json"] },
  { name: "lint", command: ["node", "tools/lint.mjs"] },
  vitest("unit", ["--exclude", "**/*.fuzz.test.{ts,tsx}"], [], {
    env: { MENSHEN_BUILT_PROGRAMS: "yes" },
    limitMinutes: 20,
  }),
  vitest("fuzz", ["--maxWorkers", "2", "--testTimeout", "120000"], [".fuzz.test."], {
    env: fuzzRuns(FUZZ_RUNS_TEST),
  }),
  vitest("long", WHOLE, FILLING, {
    env: { ...lossKills(LOSS_KILLS_TEST), ...monthsTaps(MONTHS_TAPS_TEST) },
    limitMinutes: 20,
  }),
  vitest(
    "e2e",
    [...WHOLE, ...TWO_AT_ONCE, ...FILLING.flatMap((file) => ["--exclude", `**/${file}`])],
    [".e2e.ts"],
    { limitMinutes: 20 },
  ),
  { name: "bundle", command: ["node", "tools/bundle.mjs"] },
  vitest("browser", [...WHOLE, ...THREE_AT_ONCE], [".browser.ts"], { limitMinutes: 40 }),
];

const COMMANDS = {
  fuzz: [
    vitest("fuzz", ["--maxWorkers", "2", "--testTimeout", String(DAY_MS)], [".fuzz.test."], {
      env: fuzzRuns(FUZZ_RUNS_LONG),
      again: undefined,
      limitMinutes: 24 * 60,
    }),
  ],
  soak: [
    vitest("soak", WHOLE, ["loss.e2e.ts", "months.e2e.ts"], {
      again: undefined,
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
