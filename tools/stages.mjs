// Runs commands one after another, each with its time, and shows the output of those that fail.

import { spawn } from "node:child_process";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const BIN = join(ROOT, "node_modules/.bin");
const TAIL_LINES = 200;
const KEPT_BYTES = 4 * 1024 * 1024;

/**
 * @typedef {object} Stage
 * @property {string} name
 * @property {string[]} command a program of node_modules/.bin, or one on PATH, and its arguments
 * @property {Record<string, string>} [env] added to our environment
 * @property {number} [limitMinutes] the stage is ended and has failed after this time; 10 when absent
 * @property {(output: string) => string | undefined} [summary] one line worth showing on success
 * @property {(output: string) => string[]} [faults] what failed, a line each, worth showing at the very end
 * @property {(output: string) => string[] | undefined} [again] the command that runs alone what failed, if that is
 *   little enough to run once more
 *
 * @typedef {object} StageResult
 * @property {string} name
 * @property {boolean} passed
 * @property {number} durationMs
 * @property {string} word how it ended, for the table
 * @property {string[]} faults
 */

/**
 * Runs stages in order. Prints a line for each, the end of the output of a failed one, and a table at the end. What
 * failed and passes once run alone is called unsteady: it lets the run pass, and stands among the faults at the end.
 *
 * @param {Stage[]} stages
 * @param {{ keepGoing?: boolean }} [options] by default the first failure ends the run
 * @returns {Promise<boolean>} true when every stage ran and passed
 */
export async function runStages(stages, { keepGoing = false } = {}) {
  /** @type {StageResult[]} */
  const results = [];
  for (const stage of stages) {
    const result = await runStage(stage);
    results.push(result);
    if (!result.passed && !keepGoing) break;
  }
  const left = stages.slice(results.length).map(({ name }) => name);
  const totalMs = results.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const width = Math.max(...stages.map(({ name }) => name.length), "total".length);
  const row = (name, durationMs, word) =>
    print(`  ${name.padEnd(width)}  ${seconds(durationMs).padStart(8)}  ${word}`);
  print("");
  for (const { name, durationMs, word } of results) row(name, durationMs, word);
  for (const name of left) print(`  ${name.padEnd(width)}  ${"-".padStart(8)}  not run`);
  const passed = left.length === 0 && results.every((result) => result.passed);
  row("total", totalMs, passed ? "passed" : "FAILED");
  // The output of a failed stage is long, and whoever keeps it may keep its end only.
  for (const fault of results.flatMap(({ faults }) => faults)) print(fault);
  return passed;
}

async function runStage({ name, command, env = {}, limitMinutes = 10, summary, faults, again }) {
  const startedMs = Date.now();
  const first = await run(command, env, limitMinutes * 60_000);
  const result = (word, found = []) => {
    const passed = word !== "FAILED";
    return { name, passed, durationMs: Date.now() - startedMs, word, faults: found };
  };
  if (first.failure === undefined) {
    const note = summary?.(first.output);
    print(`${name}: passed (${seconds(Date.now() - startedMs)})${note === undefined ? "" : `: ${note}`}`);
    return result("passed");
  }
  printEnd(first.output);
  print(`${name}: FAILED (${seconds(Date.now() - startedMs)}): ${first.failure}`);
  const found = faults?.(first.output) ?? [];
  const alone = first.ended ? again?.(first.output) : undefined;
  if (alone === undefined) return result("FAILED", found);

  const second = await run(alone, env, limitMinutes * 60_000);
  if (second.failure !== undefined) {
    printEnd(second.output);
    print(`${name}: FAILED alone too: ${second.failure}`);
    return result("FAILED", found);
  }
  print(
    `${name}: what failed passed alone: it is unsteady, which is a fault of the test or of what it tests`,
  );
  return result(
    "unsteady",
    found.map((fault) => `unsteady: ${fault}`),
  );
}

function printEnd(output) {
  const lines = output.trimEnd().split("\n");
  const tail = lines.slice(-TAIL_LINES);
  if (tail.length < lines.length) print(`… ${lines.length - tail.length} earlier lines are left out …`);
  print(tail.join("\n"));
}

/**
 * Runs one command to its end; resolves with the last part of its output and what went wrong. `ended`: it came to its
 * end by itself.
 */
function run([program, ...args], env, limitMs) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "pipe"],
      // With the pinned Node first on PATH, `#!/usr/bin/env node` finds it, whatever Node runs this file.
      env: { ...process.env, ...colour(), PATH: `${BIN}${delimiter}${process.env.PATH}`, ...env },
    });
    let output = "";
    const keep = (chunk) => {
      output = (output + chunk).slice(-KEPT_BYTES);
    };
    child.stdout.setEncoding("utf8").on("data", keep);
    child.stderr.setEncoding("utf8").on("data", keep);
    let late = false;
    const limit = setTimeout(() => {
      late = true;
      child.kill("SIGTERM");
      setTimeout(() => child.kill("SIGKILL"), 10_000).unref();
    }, limitMs);
    // Ctrl-C reaches the child by itself; a supervisor's SIGTERM reaches only us.
    const forward = () => child.kill("SIGTERM");
    process.once("SIGTERM", forward);
    const finish = (failure, ended = false) => {
      clearTimeout(limit);
      process.removeListener("SIGTERM", forward);
      resolve({ output, failure, ended });
    };
    child.on("error", (error) => finish(`cannot run \`${program}\`: ${error.message}`));
    child.on("close", (code, signal) => {
      if (late) finish(`it did not end within ${limitMs / 60_000} minutes`);
      else if (signal !== null) finish(`it was ended by ${signal}`);
      else finish(code === 0 ? undefined : `it ended with code ${code}`, true);
    });
  });
}

function colour() {
  return process.stdout.isTTY ? { FORCE_COLOR: "1" } : { NO_COLOR: "1", FORCE_COLOR: "0" };
}

function seconds(durationMs) {
  return `${(durationMs / 1000).toFixed(1)} s`;
}

function print(line) {
  process.stdout.write(`${line}\n`);
}
