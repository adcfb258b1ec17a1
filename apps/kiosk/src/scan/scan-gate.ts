/** How long a code has to be away before it counts as shown again. */
export const AWAY_MS = 3_000;

/** Which of the codes that a camera sees many times a second are sent to the gate. */
export interface ScanGate {
  /**
   * A code was seen. It is to be sent where this is true: not while an answer is awaited, and not a code that has been in
   * view within the last three seconds. A phone that is held still is asked about once.
   *
   * @param nowMs on a monotonic clock
   */
  saw(text: string, nowMs: number): boolean;
  /** The gate has answered; with `isHeard` false it did not get the code, which may be sent again at once. */
  answered(isHeard: boolean): void;
}

export function makeScanGate(): ScanGate {
  /** Codes and when they were last in view. A pass turns over every ten seconds, so two stand here at most times. */
  const seen = new Map<string, number>();
  let awaited: string | undefined;
  return {
    saw(text, nowMs) {
      for (const [other, atMs] of seen) if (nowMs - atMs >= AWAY_MS) seen.delete(other);
      const isNew = !seen.has(text);
      // What waits for its turn does not count as asked.
      if (isNew && awaited !== undefined) return false;
      seen.set(text, nowMs);
      if (isNew) awaited = text;
      return isNew;
    },
    answered(isHeard) {
      if (!isHeard && awaited !== undefined) seen.delete(awaited);
      awaited = undefined;
    },
  };
}
