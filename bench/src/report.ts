import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import type { Result } from "./result.ts";

const FILE = new URL("../results.json", import.meta.url);

/** Prints results as a table, each with its target, its note and its rivals. */
export function printResults(results: readonly Result[]): void {
  for (const result of results) {
    const sign = result.better === "lower" ? "≤" : "≥";
    const target = result.target === undefined ? "" : `  target ${sign} ${result.target}`;
    process.stdout.write(
      `${result.id.padEnd(34)} ${String(result.value).padStart(12)} ${result.unit.padEnd(4)}${target}\n`,
    );
    if (result.note !== undefined) process.stdout.write(`    ${result.note}\n`);
    for (const rival of result.rivals ?? []) {
      process.stdout.write(
        `    ${rival.name.padEnd(34)} ${String(rival.value).padStart(8)} ${result.unit}  ratio ${rival.ratio}\n`,
      );
    }
  }
}

/** Puts results into `bench/results.json` in place of earlier ones with the same ids; those of other parts stay. */
export function recordResults(results: readonly Result[], command: string): void {
  const [cpu] = cpus();
  const machine =
    `${cpus().length} × ${cpu?.model ?? "unknown"}, ${Math.round(totalmem() / 2 ** 30)} GiB, ` +
    `Node ${process.version}, load ${loadavg()[0]?.toFixed(1)} at the end`;
  const fresh = new Set(results.map(({ id }) => id));
  // Written by this function only.
  const earlier = existsSync(FILE) ? (JSON.parse(readFileSync(FILE, "utf8")) as Result[]) : [];
  const entries = [
    ...earlier.filter(({ id }) => !fresh.has(id)),
    ...results.map((result) => ({ ...result, command, machine })),
  ];
  writeFileSync(FILE, `${JSON.stringify(entries, null, 2)}\n`);
}
