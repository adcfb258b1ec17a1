import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { killRun, type RunningProcess } from "@menshen/testkit/system";
import { afterAll } from "vitest";

/** What the processes of a group of tests are known by, and the folder of all that they write. */
export interface Run {
  readonly runId: string;
  readonly stateDir: string;
}

/** A run of its own for a file or a group in it: after the last test no process and no file is left, whatever failed. */
export function makeRun(name: string): Run {
  const runId = randomUUID();
  const stateDir = mkdtempSync(join(tmpdir(), `menshen-${name}-`));
  // Hooks of the tests themselves come later, and so run before this one.
  afterAll(() => {
    killRun(runId);
    rmSync(stateDir, { recursive: true, force: true });
  });
  return { runId, stateDir };
}

/** Asks programs to end, one after the other, and waits until they have; those never started are passed over. */
export async function endInOrder(
  ...programs: readonly ({ readonly process: RunningProcess } | undefined)[]
): Promise<void> {
  for (const program of programs) {
    program?.process.child.kill("SIGTERM");
    await program?.process.ended;
  }
}
