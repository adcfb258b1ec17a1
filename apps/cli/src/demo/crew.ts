import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { join } from "node:path";
import { CliError } from "../command-line/cli-error.ts";
import { type AppName, type AppProcess, spawnApp, spawnEntry } from "../processes/app-process.ts";

/** A process of the demonstration that said it is ready. */
export interface Member {
  readonly name: string;
  /** What its ready line told. */
  readonly facts: Readonly<Record<string, string | number | boolean>>;
}

/** The processes of the demonstration: started one by one, stopped in an order of their own. */
export interface Crew {
  startApp(app: AppName, name: string, configFile: string): Promise<Member>;
  startDevices(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Member>;
  /** Starts a command of this program that keeps running. The demonstration goes on without it should it end. */
  startTool(name: string, args: readonly string[]): Promise<Member>;
  /** Runs a command of this program to its end, behind all others; tells the facts of its last line. */
  runTool(name: string, args: readonly string[]): Promise<Member>;
  readonly isStopping: () => boolean;
  /** Stops all, group after group; nothing can be started from then on. */
  stopAll(order: readonly (readonly string[])[]): Promise<void>;
}

const READY_MS = 120_000;
const GRACE_MS = 15_000;
/** Tools keep what they have whole at every moment: nothing is lost if one is killed. */
const TOOL_GRACE_MS = 2_000;
const PROGRAM = new URL("../main.ts", import.meta.url);
const DEVICES = new URL("./devices/main.ts", import.meta.url);

/**
 * @param onLost told once when a process ended that nobody had stopped
 */
export function makeCrew(stateDir: string, onLost: (error: CliError) => void): Crew {
  const logs = join(stateDir, "logs");
  mkdirSync(logs, { recursive: true, mode: 0o700 });
  const running = new Map<string, AppProcess>();
  const stopping = new Set<string>();
  const tools = new Set<string>();
  let closed = false;

  function open(name: string, spawn: (stderr: number) => AppProcess) {
    if (closed) throw new CliError("failed", { en: "stopping", zh: "正在停止" });
    const log = join(logs, `${name}.log`);
    if (existsSync(log)) renameSync(log, `${log}.old`);
    const stderr = openSync(log, "a", 0o600);
    const member = spawn(stderr);
    closeSync(stderr);
    running.set(name, member);
    const ended = member.ended.then(({ code, signal }) => {
      running.delete(name);
      return code ?? signal ?? "";
    });
    return { log, member, ended };
  }

  async function start(name: string, spawn: (stderr: number) => AppProcess): Promise<Member> {
    const { log, member, ended } = open(name, spawn);
    const ready = readyLine(member);
    void ended.then((end) => {
      if (!stopping.has(name) && !tools.has(name)) onLost(lost(name, end, log));
    });
    const facts = await Promise.race([
      ready,
      member.ended.then(() => undefined),
      new Promise<undefined>((resolve) => {
        setTimeout(() => resolve(undefined), READY_MS).unref();
      }),
    ]);
    if (facts === undefined) throw lost(name, "", log);
    return { name, facts };
  }

  /** All at once; whoever takes longer than its grace is killed. */
  async function stop(names: readonly string[]): Promise<void> {
    await Promise.all(
      names.map(async (name) => {
        stopping.add(name);
        const member = running.get(name);
        if (member === undefined) return;
        member.stop();
        const timer = setTimeout(() => member.kill(), tools.has(name) ? TOOL_GRACE_MS : GRACE_MS);
        await member.ended;
        clearTimeout(timer);
      }),
    );
  }

  return {
    startApp: (app, name, configFile) =>
      start(name, (stderr) => spawnApp(app, ["--config", configFile], { stdout: "pipe", stderr })),
    startDevices: (args, env) =>
      start("devices", (stderr) => spawnEntry(DEVICES, args, { stdout: "pipe", stderr, env })),
    isStopping: () => closed,
    startTool(name, args) {
      tools.add(name);
      return start(name, (stderr) => spawnEntry(PROGRAM, args, { stdout: "pipe", stderr }));
    },
    async runTool(name, args) {
      tools.add(name);
      const { log, member, ended } = open(name, (stderr) =>
        spawnEntry(PROGRAM, [...args, "--json"], { stdout: "pipe", stderr }),
      );
      yieldToOthers(member.pid);
      let last = "";
      member.onLine((line) => {
        last = line;
      });
      const end = await ended;
      if (end !== 0) throw lost(name, end, log);
      return { name, facts: factsIn(last) ?? {} };
    },
    async stopAll(order) {
      closed = true;
      for (const names of order) for (const name of names) stopping.add(name);
      for (const names of order) await stop(names);
    },
  };
}

/** People come and go meanwhile, and their doors must open at once. */
function yieldToOthers(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch {
    // It has ended already, or this system lets nobody do so.
  }
}

function readyLine(member: AppProcess): Promise<Member["facts"]> {
  return new Promise((resolve) => {
    member.onLine((line) => {
      const facts = parseReady(line);
      if (facts !== undefined) resolve(facts);
    });
  });
}

function parseReady(line: string): Member["facts"] | undefined {
  const facts = factsIn(line);
  return facts?.ready === true ? facts : undefined;
}

function factsIn(line: string): Member["facts"] | undefined {
  if (!line.startsWith("{")) return undefined;
  const parsed: unknown = JSON.parse(line);
  if (typeof parsed !== "object" || parsed === null) return undefined;
  const facts: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(parsed)) {
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
      facts[name] = value;
  }
  return facts;
}

function lost(name: string, end: string | number, log: string): CliError {
  const last = lastLine(log);
  const because = last === "" ? "" : `: ${last}`;
  return new CliError(
    "failed",
    {
      en: `${name} ended${end === "" ? "" : ` (${end})`}${because}`,
      zh: `${name} 意外结束${end === "" ? "" : `（${end}）`}${because}`,
    },
    { en: `its log is ${log}`, zh: `日志见 ${log}` },
  );
}

/** The last line that is no JSON, which is what a process says to people when it cannot start. */
function lastLine(log: string): string {
  const lines = readFileSync(log, "utf8").trim().split("\n");
  return lines.findLast((line) => line !== "" && !line.startsWith("{")) ?? "";
}
