import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, type RunningProcess, startProcess } from "./processes.ts";

const MENSHEN = join(ROOT, "apps/cli/bin/menshen.js");
const READY = /^\{"ready":true.*\}$/m;
const START_MS = 120_000;

export interface CommunityServer {
  readonly process: RunningProcess;
  readonly http: string;
  readonly gateTls: string;
  readonly mqtt: string;
  readonly signInLink: string;
}

/** Starts a fresh community server as an operator would, on the database given, and waits until it is ready. */
export async function startCommunity(options: {
  runId: string;
  stateDir: string;
  databaseUrl: string;
}): Promise<CommunityServer> {
  const any = { host: "127.0.0.1", port: 0 };
  const config = join(options.stateDir, "community.json");
  writeFileSync(
    config,
    JSON.stringify({
      stateDir: join(options.stateDir, "community"),
      http: any,
      gateTls: any,
      mqtt: any,
      publicHost: "localhost",
      database: { url: options.databaseUrl },
      community: { name: "海棠苑", timeZone: "Asia/Shanghai" },
    }),
  );
  const process = startProcess(MENSHEN, ["community", "--config", config], { runId: options.runId });
  const [line] = await process.waitForOutput(READY, START_MS);
  // What the server prints when it is ready; a part that needs a missing field fails at once.
  const ready = JSON.parse(line) as Omit<CommunityServer, "process">;
  return { process, ...ready };
}

/** Starts a gate with the configuration given and waits until it says that it is ready. */
export async function startGate(options: { runId: string; configFile: string }): Promise<RunningProcess> {
  const process = startProcess(MENSHEN, ["gate", "--config", options.configFile], { runId: options.runId });
  await process.waitForOutput(READY, START_MS);
  return process;
}
