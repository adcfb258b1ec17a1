/** Asks its next input, one after the other and round again. */
export type Contender = () => unknown;

export function contender<Input>(inputs: readonly Input[], act: (input: Input) => unknown): Contender {
  let position = 0;
  return () => {
    const input = inputs[position];
    if (input === undefined) throw new Error("a contender needs inputs");
    position = position + 1 === inputs.length ? 0 : position + 1;
    return act(input);
  };
}

export interface Latency {
  readonly p50Us: number;
  readonly p99Us: number;
}

const ROUNDS = 11;
const ROUND_CPU_US = 60_000;
/** Calls between two looks at the clock. */
const STRIDE = 32;

/**
 * Calls for each second of processor time (this process's, its collector included) of each contender: all take turns,
 * and each one's answer is the median of its rounds, so that what else the machine does weighs little and on all alike.
 */
export async function ratesSideBySide(contenders: readonly Contender[]): Promise<number[]> {
  const rates: number[][] = contenders.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, next] of contenders.entries()) rates[index]?.push(await rateOf(next));
  }
  return rates.map((list) =>
    percentile(
      list.toSorted((a, b) => a - b),
      0.5,
    ),
  );
}

async function rateOf(next: Contender): Promise<number> {
  let calls = 0;
  let cpuUs = 0;
  const begin = process.cpuUsage();
  while (cpuUs < ROUND_CPU_US) {
    for (let call = 0; call < STRIDE; call++) {
      const answer = next();
      if (answer instanceof Promise) await answer;
    }
    calls += STRIDE;
    const { user, system } = process.cpuUsage(begin);
    cpuUs = user + system;
  }
  return calls / (cpuUs / 1_000_000);
}

/** Times of single calls, one timer pair for each (whose cost, 0.05 to 0.1 µs, is included), after one warm-up run. */
export function latencyOf<Input>(inputs: readonly Input[], act: (input: Input) => unknown): Latency {
  for (const input of inputs) act(input);
  const timesUs = new Float64Array(inputs.length);
  for (const [index, input] of inputs.entries()) {
    const start = process.hrtime.bigint();
    act(input);
    timesUs[index] = Number(process.hrtime.bigint() - start) / 1_000;
  }
  timesUs.sort();
  return { p50Us: percentile(timesUs, 0.5), p99Us: percentile(timesUs, 0.99) };
}

/** The value below which `share` of the sorted values lie. */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
