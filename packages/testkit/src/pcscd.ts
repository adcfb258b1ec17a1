import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A pcscd of a test's own, with vsmartcard's virtual reader as its only reader. */
export interface TestPcscd {
  /** Where the daemon listens while it runs; the same path after a restart. */
  readonly socketPath: string;
  /** Where the virtual reader waits for a card to connect (first slot). */
  readonly vpcdPort: number;
  /** Starts the daemon (again) and waits for its socket; rejects where neither root nor a namespace is to be had. */
  readonly start: () => Promise<void>;
  /** Kills the daemon as a crash would; its readers are gone with it. */
  readonly kill: () => Promise<void>;
  /** Last lines the daemon wrote, for a failing test. */
  readonly log: () => string;
  /** Ends the daemon and removes its files. */
  readonly stop: () => Promise<void>;
}

/** Name of the virtual reader's first slot, as pcscd forms it. */
export const FIRST_SLOT = "Virtual PCD 00 00";

const PCSCD = "/usr/sbin/pcscd";
const VPCD_DRIVER = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";

/** The Debian packages that are missing on this machine for {@link makeTestPcscd}. */
export function missingPcscPackages(): readonly string[] {
  const needed = [
    { file: PCSCD, debianPackage: "pcscd" },
    { file: VPCD_DRIVER, debianPackage: "vsmartcard-vpcd" },
  ];
  return needed.filter(({ file }) => !existsSync(file)).map(({ debianPackage }) => debianPackage);
}

/**
 * Prepares a pcscd that will run in a mount namespace of its own, so that neither another pcscd on this machine nor
 * another test run gets in the way (pcscd's socket path is compiled in). Starting it needs root or a kernel that gives
 * users namespaces of their own.
 */
export async function makeTestPcscd(): Promise<TestPcscd> {
  const missing = missingPcscPackages();
  if (missing.length > 0)
    throw new Error(`this needs Debian packages (apt-get install): ${missing.join(" ")}`);
  const directory = await mkdtemp(join(tmpdir(), "menshen-pcscd-"));
  const socketPath = join(directory, "pcscd.comm");
  const vpcdPort = await freePortPair();
  const port = `0x${vpcdPort.toString(16)}`;
  await writeFile(
    join(directory, "reader.conf"),
    `FRIENDLYNAME "Virtual PCD"\nDEVICENAME /dev/null:${port}\nLIBPATH ${VPCD_DRIVER}\nCHANNELID ${port}\n`,
  );
  let output = "";
  let running: { readonly child: ChildProcess; readonly ended: Promise<void> } | undefined;

  async function end(signal: NodeJS.Signals): Promise<void> {
    running?.child.kill(signal);
    await running?.ended;
    running = undefined;
  }

  async function start(): Promise<void> {
    const script =
      "mount -t tmpfs tmpfs /run && mkdir /run/pcscd && " +
      `exec ${PCSCD} --foreground --auto-exit --config ${join(directory, "reader.conf")}`;
    const asRoot = process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"];
    const child = spawn("unshare", [...asRoot, "--mount", "sh", "-c", script], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const ended = new Promise<void>((resolve) => {
      child.once("exit", () => resolve());
    });
    running = { child, ended };
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (bytes: Buffer) => {
        output = `${output}${bytes.toString()}`.slice(-4000);
      });
    }
    // The namespace's root is reachable from outside through the process that lives in it.
    const inNamespace = `/proc/${child.pid}/root/run/pcscd/pcscd.comm`;
    try {
      await untilExists(inNamespace, child, () => output);
    } catch (error) {
      await end("SIGKILL");
      throw error;
    }
    await symlink(inNamespace, `${socketPath}.new`);
    await rename(`${socketPath}.new`, socketPath);
  }

  return {
    socketPath,
    vpcdPort,
    start,
    kill: () => end("SIGKILL"),
    log: () => output,
    async stop() {
      await end("SIGTERM");
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** {@link makeTestPcscd}, started. */
export async function startTestPcscd(): Promise<TestPcscd> {
  const pcscd = await makeTestPcscd();
  try {
    await pcscd.start();
  } catch (error) {
    await pcscd.stop();
    throw error;
  }
  return pcscd;
}

async function untilExists(path: string, child: ChildProcess, log: () => string): Promise<void> {
  for (let waitedMs = 0; !existsSync(path); waitedMs += 20) {
    if (child.exitCode !== null)
      throw new Error(`pcscd ended with ${child.exitCode} (root or a user namespace is needed): ${log()}`);
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
