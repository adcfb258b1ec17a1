import { join } from "node:path";
import { makeCommunityFolder, ROOT, type RunningProcess, startProcess } from "@menshen/testkit/system";

export interface RunningDemo {
  readonly process: RunningProcess;
  readonly console: string;
  readonly signInLink: string;
}

/** Starts the demonstration as `npm start` does after its installation. */
export async function startDemo(options: {
  runId: string;
  stateDir: string;
  pace?: number;
}): Promise<RunningDemo> {
  makeCommunityFolder(options.stateDir);
  const process = startProcess(
    join(ROOT, "apps/cli/bin/menshen.js"),
    // Two that start at the same moment would both find the usual ports free.
    [
      "demo",
      "--state",
      options.stateDir,
      "--pace",
      String(options.pace ?? 60),
      "--any-ports",
      "--without-custodians",
      "--json",
    ],
    { runId: options.runId },
  );
  const [line] = await process.waitForOutput(/^\{.*"console".*\}$/m, 120_000);
  const facts = JSON.parse(line) as { console: string; signInLink: string };
  return { process, ...facts };
}
