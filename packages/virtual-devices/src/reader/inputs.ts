/** Monitored contacts of a peripheral; active is a closed circuit. */
export interface Inputs {
  /** 1 active, 0 not, one per input. */
  readonly states: readonly number[];
  /** False if there is no such input. */
  set(input: number, active: boolean): boolean;
}

/** @param onChange told all states after each change */
export function makeInputs(count: number, onChange: (states: readonly number[]) => void): Inputs {
  const states = Array.from({ length: count }, () => 0);
  return {
    get states() {
      return [...states];
    },
    set(input, active) {
      const next = active ? 1 : 0;
      if (states[input] === undefined) return false;
      if (states[input] === next) return true;
      states[input] = next;
      onChange([...states]);
      return true;
    },
  };
}
