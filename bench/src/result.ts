/** One measured figure, as `bench/results.json` holds them. */
export interface Result {
  readonly id: string;
  readonly value: number;
  readonly unit: string;
  readonly better: "lower" | "higher";
  readonly target?: number;
  readonly rivals?: readonly { readonly name: string; readonly value: number; readonly ratio: number }[];
  /** What limits it, or how it was measured, where the figure alone would mislead. */
  readonly note?: string;
}

/** Three significant digits: what a shared machine can honestly give. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
