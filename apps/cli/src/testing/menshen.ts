import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { runProgram } from "../program.ts";

const BIN = fileURLToPath(new URL("../../bin/menshen.js", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** One run of the program as a child process. */
export interface Run {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves with the first line of standard output that matches; rejects if the program ends before. */
  line(pattern: RegExp): Promise<string>;
  type(...lines: readonly string[]): void;
}

/** Runs the shipped program; English unless `env` says otherwise. */
export function menshen(args: readonly string[], env: Readonly<Record<string, string>> = {}): Run {
  const child = spawn(process.execPath, [BIN, ...args], {
    env: { ...process.env, LC_ALL: "C", ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  let waiting: { readonly pattern: RegExp; settle(): void }[] = [];
  const look = () => {
    const met = waiting.filter(({ pattern }) => firstLine(pattern) !== undefined);
    waiting = waiting.filter((entry) => !met.includes(entry));
    for (const { settle } of met) settle();
  };
  const firstLine = (pattern: RegExp) =>
    stdout
      .split("\n")
      .slice(0, -1)
      .find((line) => pattern.test(line));
  child.stdout.on("data", (bytes: Buffer) => {
    stdout += bytes.toString();
    look();
  });
  child.stderr.on("data", (bytes: Buffer) => {
    stderr += bytes.toString();
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
  return {
    child,
    ended,
    async line(pattern) {
      const met = new Promise<void>((settle) => {
        waiting.push({ pattern, settle });
        look();
      });
      await Promise.race([met, ended]);
      const found = firstLine(pattern);
      if (found === undefined) throw new Error(`no line ${pattern}; ${stdout}${stderr}`);
      return found;
    },
    type: (...lines) => void child.stdin.write(lines.map((line) => `${line}\n`).join("")),
  };
}

/**
 * The same without a process of its own, for what neither reads standard input nor is killed: the process costs more than
 * most commands. That the shipped program starts, ends and says the same is tested with it.
 */
export async function menshenHere(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  let stdout = "";
  let stderr = "";
  const code = await runProgram(args, {
    env: { ...process.env, LC_ALL: "C", ...env },
    out: { write: (text) => (stdout += text) },
    err: { write: (text) => (stderr += text) },
    stop: new AbortController().signal,
  });
  return { code, stdout, stderr };
}
