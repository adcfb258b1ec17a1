import { compileSnapshot, loadSnapshot } from "@menshen/policy";
import { type Result, rounded } from "./result.ts";
import { END, makeSite, START } from "./site.ts";

/** Median of three runs, in milliseconds. */
function medianMs(act: () => unknown): number {
  const times = [0, 1, 2].map(() => {
    const begin = performance.now();
    act();
    return performance.now() - begin;
  });
  return times.sort((a, b) => a - b)[1] ?? Number.NaN;
}

/** Compiling and loading a snapshot of 100,000 credentials. */
export function benchSnapshot(): Result[] {
  const site = makeSite(100_000);
  const options = { gateId: site.gateId, version: 1, at: START, until: END };
  const { document } = compileSnapshot(site.model, options);
  const compileMs = medianMs(() => compileSnapshot(site.model, options));
  const loadMs = medianMs(() => loadSnapshot(document));
  return [
    {
      id: "snapshot.compile_ms",
      value: rounded(compileMs),
      unit: "ms",
      better: "lower",
      note: "100,000 credentials, rules checked",
    },
    {
      id: "snapshot.load_ms",
      value: rounded(loadMs),
      unit: "ms",
      better: "lower",
      note: "100,000 credentials, validated as hostile",
    },
  ];
}
