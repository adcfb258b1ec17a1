import type { DetectionNumbers } from "@menshen/wire";

export type ParameterName = keyof DetectionNumbers;

/** A number of the engine as it is shown: with the limits that the server keeps, and how finely it is set. */
export interface Parameter {
  readonly name: ParameterName;
  readonly least: number;
  readonly most: number;
  readonly step: number;
  /** Shown and typed so many times as large: a share in per cent. */
  readonly scale: number;
}

export const PARAMETERS: readonly Parameter[] = [
  { name: "watchScore", least: 0.1, most: 10, step: 0.5, scale: 1 },
  { name: "secondFactorScore", least: 10, most: 1_000, step: 1, scale: 1 },
  { name: "prior", least: 0.000_1, most: 50, step: 0.1, scale: 100 },
  { name: "fastestTimesWalk", least: 1, most: 50, step: 0.1, scale: 1 },
  { name: "conflictAfterSeconds", least: 0, most: 3_600, step: 10, scale: 1 },
  { name: "counterSlackMinutes", least: 0, most: 1_440, step: 5, scale: 1 },
  { name: "lateHours", least: 0, most: 744, step: 1, scale: 1 },
  { name: "caseDays", least: 0, most: 366, step: 1, scale: 1 },
];

/** As a person reads it; what floating point added is cut off. */
export function shownNumber(value: number, scale: number): number {
  return Number((value * scale).toPrecision(6));
}

/** The numbers that are not as delivered; only those are sent and kept. */
export function changedOnly(
  wanted: Readonly<Partial<Record<ParameterName, number>>>,
  delivered: Readonly<Record<ParameterName, number>>,
): DetectionNumbers {
  const changed: DetectionNumbers = {};
  for (const { name } of PARAMETERS) {
    const value = wanted[name];
    if (value !== undefined && value !== delivered[name]) changed[name] = value;
  }
  return changed;
}

/** What differs between two sets, each with its number before and after. */
export function differences(
  before: DetectionNumbers,
  after: DetectionNumbers,
  delivered: Readonly<Record<ParameterName, number>>,
): { readonly name: ParameterName; readonly from: number; readonly to: number }[] {
  return PARAMETERS.flatMap(({ name, scale }) => {
    const from = before[name] ?? delivered[name];
    const to = after[name] ?? delivered[name];
    return from === to ? [] : [{ name, from: shownNumber(from, scale), to: shownNumber(to, scale) }];
  });
}
