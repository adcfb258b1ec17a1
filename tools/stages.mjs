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
 *
 * @typedef {object} StageResult
 * @property {string} name
 * @property {boolean} passed
 * @property {number} durationMs
 * @property {string[]} faults
 */

/**
 * Runs stages in order. Prints a line for each, the end of the output of a failed one, and a table at the end.
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
  for (const { name, durationMs, passed } of results) row(name, durationMs, passed ? "passed" : "FAILED");
  for (const name of left) print(`  ${name.padEnd(width)}  ${"-".padStart(8)}  not run`);
  const passed = left.length === 0 && results.every((result) => result.passed);
  row("total", totalMs, passed ? "passed" : "FAILED");
  // The output of a failed stage is long, and whoever keeps it may keep its end only.
  for (const fault of results.flatMap(({ faults }) => faults)) print(fault);
  return passed;
}

async function runStage({ name, command, env = {}, limitMinutes = 10, summary, faults }) {
  const startedMs = Date.now();
  const { output, failure } = await run(command, env, limitMinutes * 60_000);
  const durationMs = Date.now() - startedMs;
  if (failure === undefined) {
    const note = summary?.(output);
    print(`${name}: passed (${seconds(durationMs)})${note === undefined ? "" : `: ${note}`}`);
  } else {
    const lines = output.trimEnd().split("\n");
    const tail = lines.slice(-TAIL_LINES);
    if (tail.length < lines.length) print(`… ${lines.length - tail.length} earlier lines are left out …`);
    print(tail.join("\n"));
    print(`${name}: FAILED (${seconds(durationMs)}): ${failure}`);
  }
  const passed = failure === undefined;
  return { name, passed, durationMs, faults: passed ? [] : (faults?.(output) ?? []) };
}

/** Runs one command to its end; resolves with the last part of its output and what went wrong. */
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
    const finish = (failure) => {
      clearTimeout(limit);
      process.removeListener("SIGTERM", forward);
      resolve({ output, failure });
    };
    child.on("error", (error) => finish(`cannot run \`${program}\`: ${error.message}`));
    child.on("close", (code, signal) => {
      if (late) finish(`it did not end within ${limitMs / 60_000} minutes`);
      else if (signal !== null) finish(`it was ended by ${signal}`);
      else finish(code === 0 ? undefined : `it ended with code ${code}`);
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
