import type { ReaderId } from "@menshen/domain";

/** What the inputs of this gate's units have said since the start. */
export interface InputHistory {
  /** A unit told all its inputs, 1 for a closed circuit. */
  observed(readerId: ReaderId, states: readonly number[]): void;
  /** Whether the circuit is closed now; undefined if the unit never spoke of such an input. */
  isClosed(readerId: ReaderId, input: number): boolean | undefined;
  /** How often it opened or closed since the start. */
  changes(readerId: ReaderId, input: number): number;
  /** How many inputs the unit has; undefined if it has not told yet. */
  count(readerId: ReaderId): number | undefined;
}

export function makeInputHistory(): InputHistory {
  const units = new Map<ReaderId, { readonly isClosed: boolean; readonly changes: number }[]>();
  const of = (readerId: ReaderId, input: number) => units.get(readerId)?.[input];
  return {
    observed(readerId, states) {
      units.set(
        readerId,
        states.map((state, input) => {
          const before = of(readerId, input);
          const isClosed = state !== 0;
          const changed = before !== undefined && before.isClosed !== isClosed;
          return { isClosed, changes: (before?.changes ?? 0) + (changed ? 1 : 0) };
        }),
      );
    },
    isClosed: (readerId, input) => of(readerId, input)?.isClosed,
    changes: (readerId, input) => of(readerId, input)?.changes ?? 0,
    count: (readerId) => units.get(readerId)?.length,
  };
}
