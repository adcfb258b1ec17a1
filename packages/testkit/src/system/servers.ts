import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
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
  /** Absent once a member of staff has a passkey. */
  readonly signInLink: string | undefined;
}

/**
 * Makes the community's folder below a test's folder, both such that the database's own user can pass. Otherwise a
 * server that root runs keeps its data outside of them, and they outlive the test.
 */
export function makeCommunityFolder(stateDir: string): string {
  const folder = join(stateDir, "community");
  mkdirSync(folder, { recursive: true });
  for (const path of [stateDir, folder]) chmodSync(path, 0o711);
  return folder;
}

/** The same for each server of a demonstration that keeps a database of its own. */
export function makeServerFolders(stateDir: string): void {
  makeCommunityFolder(stateDir);
  mkdirSync(join(stateDir, "city"), { recursive: true });
  chmodSync(join(stateDir, "city"), 0o711);
}

interface CommunityReady {
  readonly http: string;
  readonly gateTls: string;
  readonly mqtt: string;
  readonly signInLink?: string;
}

/**
 * Starts the community server as an operator would, and waits until it says that it is ready.
 *
 * @param options.ports fixed where gates must find it again after a restart; 0 is any free one
 */
export async function startCommunity(options: {
  runId: string;
  stateDir: string;
  ports?: { http: number; gateTls: number; mqtt: number };
  databaseUrl?: string;
  /** Where the keys of cards are; in a file that opens by itself if absent. */
  keyService?: { backEnd: "pkcs11"; library: string; token: string };
  env?: Record<string, string>;
}): Promise<CommunityServer> {
  const stateDir = makeCommunityFolder(options.stateDir);
  const { http, gateTls, mqtt } = options.ports ?? { http: 0, gateTls: 0, mqtt: 0 };
  const config = join(options.stateDir, "community.json");
  writeFileSync(
    config,
    JSON.stringify({
      stateDir,
      http: { host: "127.0.0.1", port: http },
      gateTls: { host: "127.0.0.1", port: gateTls },
      mqtt: { host: "127.0.0.1", port: mqtt },
      publicHost: "localhost",
      database: options.databaseUrl === undefined ? { embedded: true } : { url: options.databaseUrl },
      community: { name: "海棠苑", timeZone: "Asia/Shanghai" },
      ...(options.keyService === undefined ? {} : { keyService: options.keyService }),
    }),
  );
  const process = startProcess(MENSHEN, ["community", "--config", config], {
    runId: options.runId,
    ...(options.env === undefined ? {} : { env: options.env }),
  });
  const [line] = await process.waitForOutput(READY, START_MS);
  const ready = JSON.parse(line) as CommunityReady;
  return { process, ...ready, signInLink: ready.signInLink };
}

export interface CityServer {
  readonly process: RunningProcess;
  readonly http: string;
  /** Absent while an officer is signed in. */
  readonly signInLink: string | undefined;
}

/** Starts the city's server as an operator would, and waits until it says that it is ready. */
export async function startCity(options: {
  runId: string;
  stateDir: string;
  port?: number;
  databaseUrl?: string;
}): Promise<CityServer> {
  const stateDir = join(options.stateDir, "city");
  mkdirSync(stateDir, { recursive: true });
  for (const path of [options.stateDir, stateDir]) chmodSync(path, 0o711);
  const config = join(options.stateDir, "city.json");
  writeFileSync(
    config,
    JSON.stringify({
      stateDir,
      http: { host: "127.0.0.1", port: options.port ?? 0 },
      database: options.databaseUrl === undefined ? { embedded: true } : { url: options.databaseUrl },
      name: "滨江市",
    }),
  );
  const process = startProcess(MENSHEN, ["city", "--config", config], { runId: options.runId });
  const [line] = await process.waitForOutput(READY, START_MS);
  const ready = JSON.parse(line) as { http: string; signInLink?: string };
  return { process, http: ready.http, signInLink: ready.signInLink };
}

export interface GateProcess {
  readonly process: RunningProcess;
  readonly statusPage: string;
  /** Page of its screens, without a token; absent where it has none. */
  readonly kiosk: string | undefined;
}

/**
 * Starts a gate with the configuration given and waits until it says that it is ready.
 *
 * @param options.keyless what becomes of readers that have no key yet: `install` stands for the person who lets them take
 *   one, as by `menshen gate install-window all`; `wait` leaves that to the test. `install` unless told
 */
export async function startGate(options: {
  runId: string;
  configFile: string;
  keyless?: "install" | "wait";
  env?: Record<string, string>;
}): Promise<GateProcess> {
  const process = startProcess(MENSHEN, ["gate", "--config", options.configFile], {
    runId: options.runId,
    ...(options.env === undefined ? {} : { env: options.env }),
  });
  const [line] = await process.waitForOutput(READY, START_MS);
  const ready = JSON.parse(line) as { statusPage: string; kiosk?: string };
  if (options.keyless !== "wait") await letReadersTakeKeys(options.configFile);
  return { process, statusPage: ready.statusPage, kiosk: ready.kiosk };
}

/** A gate that was killed meanwhile opens nothing: its next start is asked again. */
async function letReadersTakeKeys(configFile: string): Promise<void> {
  const { stateDir } = JSON.parse(readFileSync(configFile, "utf8")) as { stateDir: string };
  await new Promise<void>((resolve) => {
    const socket = connect(join(stateDir, "admin.sock"));
    socket.on("error", () => resolve());
    socket.on("close", () => resolve());
    socket.once("data", () => socket.destroy());
    socket.write(`${JSON.stringify({ request: "open-install-window", minutes: 10 })}\n`);
  });
}
