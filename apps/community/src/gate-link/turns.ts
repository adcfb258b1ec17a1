/**
 * Lets callers through in their order, one in each turn of the event loop. Checking a batch takes milliseconds: a
 * whole window of them in one turn would leave the database without rows, and every other connection without an
 * answer, until the last is checked.
 *
 * @param later runs its argument after what waits to be read and written
 */
export function makeTurns(later: (run: () => void) => void = setImmediate): () => Promise<void> {
  const waiting: (() => void)[] = [];
  const step = (): void => {
    waiting.shift()?.();
    if (waiting.length > 0) later(step);
  };
  return () =>
    new Promise((resolve) => {
      if (waiting.push(resolve) === 1) later(step);
    });
}
