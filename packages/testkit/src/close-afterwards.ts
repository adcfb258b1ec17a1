import { onTestFinished, TestRunner } from "vitest";

type Close = () => Promise<void> | void;

const ofFile: Close[] = [];

/**
 * Closes what a test opened: after the test that is running, or else after the last one of the file. Vitest never runs an
 * `afterAll` that is called while tests or their hooks run; this holds wherever it is called.
 */
export function closeAfterwards(close: Close): void {
  if (TestRunner.getCurrentTest() === undefined) ofFile.push(close);
  else onTestFinished(close);
}

/** For the set-up of each file: the last opened first, and all of them, whatever fails. */
export async function closeAll(closes = ofFile): Promise<void> {
  const faults: unknown[] = [];
  for (const close of closes.splice(0).toReversed()) {
    try {
      await close();
    } catch (error) {
      faults.push(error);
    }
  }
  if (faults.length > 0) throw new AggregateError(faults, "not all that the tests opened could be closed");
}
