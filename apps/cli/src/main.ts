import { readFileSync } from "node:fs";
import { stopWithParent } from "@menshen/service-kit/process";
import { CliError, EXIT, type ExitCode } from "./command-line/cli-error.ts";
import { helpText } from "./command-line/help.ts";
import { languageOf } from "./command-line/language.ts";
import { makeOutput } from "./command-line/output.ts";
import { type Parsed, parseCommandLine } from "./command-line/parse.ts";
import { COMMANDS } from "./commands/index.ts";

const PARENT_GONE_MS = 2_000;

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort(signal));
// Started by a starter that is gone: whatever hangs is left where it is.
stopWithParent(() => {
  stop.abort("parent gone");
  setTimeout(() => process.exit(EXIT.failed), PARENT_GONE_MS).unref();
});
// Whoever read our output has gone: `menshen … | head`, or a closed terminal. Nobody is left to tell.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => stop.abort("output closed"));

process.exitCode = await main(process.argv.slice(2));
await Promise.all([drained(process.stdout), drained(process.stderr)]);
// A reader's socket or a paused standard input may still be referenced; the command has said that it is done.
process.exit();

async function main(args: readonly string[]): Promise<ExitCode> {
  const language = languageOf(process.env);
  const json = args.includes("--json");
  const output = makeOutput({ out: process.stdout, err: process.stderr, json, language });
  try {
    const parsed = await parseCommandLine(args, COMMANDS);
    return await act(parsed);
  } catch (error) {
    output.fail(asCliError(error));
    return error instanceof CliError ? error.exitCode : EXIT.failed;
  }

  async function act(parsed: Parsed): Promise<ExitCode> {
    if (parsed.kind === "help") {
      const commands = await Promise.all(COMMANDS.map(({ load }) => load()));
      process.stdout.write(`${helpText(parsed.topic, commands, language)}\n`);
      return EXIT.ok;
    }
    if (parsed.kind === "version") {
      const version = programVersion();
      output.say({ version, node: process.versions.node }, `menshen ${version}`);
      return EXIT.ok;
    }
    const { command, positionals, values } = parsed;
    return command.run({
      positionals,
      option(name) {
        const value = values[name];
        return typeof value === "string" ? value : undefined;
      },
      all(name) {
        const value = values[name];
        return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
      },
      flag: (name) => values[name] === true,
      output,
      stop: stop.signal,
      env: process.env,
    });
  }
}

function programVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  if (typeof manifest === "object" && manifest !== null && "version" in manifest)
    return String(manifest.version);
  throw new Error("package.json has no version");
}

function asCliError(error: unknown): CliError {
  if (error instanceof CliError) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new CliError("failed", { en: text, zh: text }, undefined, { cause: error });
}

function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableEnded) resolve();
    else stream.write("", () => resolve());
  });
}
