import { readFileSync } from "node:fs";
import { CliError, EXIT, type ExitCode } from "./command-line/cli-error.ts";
import { helpText } from "./command-line/help.ts";
import { languageOf } from "./command-line/language.ts";
import { makeOutput, type TextSink } from "./command-line/output.ts";
import { type Parsed, parseCommandLine } from "./command-line/parse.ts";
import { COMMANDS } from "./commands/index.ts";

/** What a process gives to the program that runs in it. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: TextSink;
  readonly err: TextSink;
  /** Somebody wants it to end. */
  readonly stop: AbortSignal;
}

/** One run of `menshen`; `args` are what stands behind its name on the command line. Never throws. */
export async function runProgram(
  args: readonly string[],
  { env, out, err, stop }: Surroundings,
): Promise<ExitCode> {
  const language = languageOf(env);
  const output = makeOutput({ out, err, json: args.includes("--json"), language });
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
      out.write(`${helpText(parsed.topic, commands, language)}\n`);
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
      stop,
      env,
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
