import { parseArgs } from "node:util";
import { CliError } from "./cli-error.ts";
import type { Command, CommandEntry, OptionSpec } from "./command.ts";

/** Options that every command knows. */
export const COMMON_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  json: {
    type: "boolean",
    help: { en: "one JSON object a line, for programs", zh: "每行输出一个 JSON 对象，供程序读取" },
  },
  help: { type: "boolean", help: { en: "this text", zh: "显示本说明" } },
};

export type OptionValues = Readonly<
  Record<string, string | boolean | readonly (string | boolean)[] | undefined>
>;

/** A command line that was understood, or the wish for help about a command or about a group of them. */
export type Parsed =
  | {
      readonly kind: "run";
      readonly command: Command;
      readonly positionals: readonly string[];
      readonly values: OptionValues;
    }
  | { readonly kind: "help"; readonly topic: readonly string[] }
  | { readonly kind: "version" };

/**
 * Understands `args` (without the program's name) by the command table. Throws `CliError("usage")` naming what was not
 * understood and the help to ask for.
 */
export async function parseCommandLine(
  args: readonly string[],
  commands: readonly CommandEntry[],
): Promise<Parsed> {
  if (args.length === 1 && (args[0] === "--version" || args[0] === "version")) return { kind: "version" };
  if (args.length === 0) return { kind: "help", topic: [] };
  const words: string[] = [];
  while (words.length < args.length) {
    const next = args[words.length];
    if (next === undefined || next.startsWith("-")) break;
    const candidate = [...words, next];
    if (!commands.some((command) => startsWith(command.path, candidate))) break;
    words.push(next);
  }
  const entry = commands.find((candidate) => candidate.path.join(" ") === words.join(" "));
  const rest = args.slice(words.length);
  if (entry === undefined) {
    if (rest.length === 0 || rest.includes("--help")) return { kind: "help", topic: words };
    if (words.length === 0 && rest[0] === "help") return { kind: "help", topic: rest.slice(1) };
    const wrong = [...words, rest[0]].join(" ");
    throw usage(`unknown command \`${wrong}\``, `未知的命令 \`${wrong}\``, words);
  }
  return parseFor(await entry.load(), rest);
}

function parseFor(command: Command, rest: readonly string[]): Parsed {
  const specs = { ...command.options, ...COMMON_OPTIONS };
  const options = Object.fromEntries(
    Object.entries(specs).map(([name, { type, multiple = false }]) => [name, { type, multiple }]),
  );
  let parsed: { readonly values: OptionValues; readonly positionals: readonly string[] };
  try {
    const result = parseArgs({ args: [...rest], options, allowPositionals: true, strict: true });
    parsed = { values: { ...result.values }, positionals: result.positionals };
  } catch (cause) {
    const first = cause instanceof Error ? (cause.message.split(/\. |\n/)[0] ?? "") : "";
    const text = first.charAt(0).toLowerCase() + first.slice(1).replaceAll("'", "`");
    throw usage(text, `命令行有误：${text}`, command.path, cause);
  }
  if (parsed.values.help === true) return { kind: "help", topic: command.path };
  const missing = command.positionals[parsed.positionals.length];
  if (missing !== undefined) {
    const name = missing.name;
    throw usage(`missing ${name}: ${missing.help.en}`, `缺少 ${name}：${missing.help.zh}`, command.path);
  }
  const extra = parsed.positionals[command.positionals.length];
  if (extra !== undefined)
    throw usage(`unexpected argument \`${extra}\``, `多余的参数 \`${extra}\``, command.path);
  return { kind: "run", command, positionals: parsed.positionals, values: parsed.values };
}

function startsWith(path: readonly string[], prefix: readonly string[]): boolean {
  return prefix.length <= path.length && prefix.every((word, index) => path[index] === word);
}

function usage(en: string, zh: string, topic: readonly string[], cause?: unknown): CliError {
  const ask = ["menshen", ...topic, "--help"].join(" ");
  return new CliError(
    "usage",
    { en, zh },
    { en: `see \`${ask}\``, zh: `用法见 \`${ask}\`` },
    cause === undefined ? undefined : { cause },
  );
}
