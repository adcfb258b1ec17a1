import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A pcscd of our own, with vsmartcard's virtual reader as its only reader. */
export interface BenchPcscd {
  readonly socketPath: string;
  /** Where the virtual reader waits for a card to connect (first slot). */
  readonly vpcdPort: number;
  /** Last lines the daemon wrote. */
  readonly log: () => string;
  readonly stop: () => Promise<void>;
}

const PCSCD = "/usr/sbin/pcscd";
const VPCD_DRIVER = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";

export function isPcscdInstalled(): boolean {
  return existsSync(PCSCD) && existsSync(VPCD_DRIVER);
}

/**
 * Starts pcscd in a mount namespace of its own, so that neither another pcscd on this machine nor another run
 * gets in the way (pcscd's socket path is compiled in). Needs root.
 */
export async function startBenchPcscd(): Promise<BenchPcscd> {
  const directory = await mkdtemp(join(tmpdir(), "menshen-pcscd-"));
  const vpcdPort = await freePortPair();
  const port = `0x${vpcdPort.toString(16)}`;
  await writeFile(
    join(directory, "reader.conf"),
    `FRIENDLYNAME "Virtual PCD"\nDEVICENAME /dev/null:${port}\nLIBPATH ${VPCD_DRIVER}\nCHANNELID ${port}\n`,
  );
  const script =
    "mkdir -p /run/pcscd && mount -t tmpfs tmpfs /run/pcscd && " +
    `exec ${PCSCD} --foreground --auto-exit --config ${join(directory, "reader.conf")}`;
  const child = spawn("unshare", ["--mount", "sh", "-c", script], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (bytes: Buffer) => {
      output = `${output}${bytes.toString()}`.slice(-4000);
    });
  }
  const exited = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
  });
  const stop = async () => {
    child.kill("SIGTERM");
    await exited;
    await rm(directory, { recursive: true, force: true });
  };
  // The namespace's root is reachable from outside through the process that lives in it.
  const socketPath = `/proc/${child.pid}/root/run/pcscd/pcscd.comm`;
  try {
    await untilExists(socketPath, child, () => output);
  } catch (error) {
    await stop();
    throw error;
  }
  return { socketPath, vpcdPort, log: () => output, stop };
}

async function untilExists(path: string, child: ChildProcess, log: () => string): Promise<void> {
  for (let waitedMs = 0; !existsSync(path); waitedMs += 20) {
    if (child.exitCode !== null)
      throw new Error(`pcscd ended with ${child.exitCode} (root is needed): ${log()}`);
    if (waitedMs > 10_000) throw new Error(`pcscd did not open its socket within 10 s: ${log()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The driver opens two slots, on a port and the next one. */
async function freePortPair(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const port = 30_000 + Math.floor(Math.random() * 20_000);
    if ((await isFree(port)) && (await isFree(port + 1))) return port;
  }
  throw new Error("no two free ports in a row");
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}
