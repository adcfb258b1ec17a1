export interface Latency {
  readonly perSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

/**
 * Runs `act` over all inputs: once to warm up, then for the rate without a timer inside, then for the percentiles with
 * one timer pair for each call (whose cost, 0.05 to 0.1 µs, is included).
 */
export async function measure<Input>(
  inputs: readonly Input[],
  act: (input: Input) => unknown,
  warmUp = inputs.length,
): Promise<Latency> {
  for (const input of inputs.slice(0, warmUp)) await act(input);
  const begin = performance.now();
  for (const input of inputs) {
    const answer = act(input);
    if (answer instanceof Promise) await answer;
  }
  const perSecond = inputs.length / ((performance.now() - begin) / 1_000);
  const timesUs = new Float64Array(inputs.length);
  for (const [index, input] of inputs.entries()) {
    const start = process.hrtime.bigint();
    const answer = act(input);
    if (answer instanceof Promise) await answer;
    timesUs[index] = Number(process.hrtime.bigint() - start) / 1_000;
  }
  timesUs.sort();
  return { perSecond, p50Us: percentile(timesUs, 0.5), p99Us: percentile(timesUs, 0.99) };
}

/** The value below which `share` of the sorted values lie. */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
