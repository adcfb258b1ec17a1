import { writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { benchDecide } from "./decide.ts";
import { benchIngest } from "./ingest.ts";
import type { Result } from "./result.ts";
import { benchSnapshot } from "./snapshot.ts";
import { benchTap } from "./tap.ts";
import { benchTapPcsc } from "./tap-pcsc.ts";
import { benchTapXwr } from "./tap-xwr.ts";

const PARTS: readonly { readonly name: string; readonly run: () => Result[] | Promise<Result[]> }[] = [
  { name: "decide", run: benchDecide },
  { name: "snapshot", run: benchSnapshot },
  { name: "tap", run: benchTap },
  { name: "xwr", run: benchTapXwr },
  { name: "pcsc", run: benchTapPcsc },
  { name: "ingest", run: benchIngest },
];

const wanted = process.argv.slice(2);
const machine = `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
const all: Result[] = [];
for (const part of PARTS) {
  if (wanted.length > 0 && !wanted.includes(part.name)) continue;
  process.stdout.write(`${part.name} …\n`);
  all.push(...(await part.run()));
}

for (const result of all) {
  const target =
    result.target === undefined ? "" : `  target ${result.better === "lower" ? "≤" : "≥"} ${result.target}`;
  process.stdout.write(
    `${result.id.padEnd(34)} ${String(result.value).padStart(12)} ${result.unit.padEnd(4)}${target}\n`,
  );
  if (result.note !== undefined) process.stdout.write(`${"".padEnd(4)}${result.note}\n`);
  for (const rival of result.rivals ?? []) {
    process.stdout.write(
      `${"".padEnd(4)}${rival.name.padEnd(34)} ${String(rival.value).padStart(8)} ${result.unit}  ratio ${rival.ratio}\n`,
    );
  }
}
if (wanted.length === 0) {
  const entries = all.map((result) => ({ ...result, command: "npm run bench", machine }));
  writeFileSync(new URL("../results.json", import.meta.url), `${JSON.stringify(entries, null, 2)}\n`);
}
