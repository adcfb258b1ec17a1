import type { Command, OptionSpec } from "./command.ts";
import { type Language, padded, type Text } from "./language.ts";
import { COMMON_OPTIONS } from "./parse.ts";

const ABOUT: Text = {
  en: "menshen: open access control for residential communities",
  zh: "menshen（门神）：面向居民小区的开放门禁",
};

const EXIT_CODES: Text = {
  en: [
    "Exit codes:",
    "   0  done",
    "   1  failed: the message says what and what to do",
    "   2  the command line was not understood",
    "  69  unavailable: the other side, a service or a function is not there",
    "  78  the configuration is wrong or a security setting is missing",
  ].join("\n"),
  zh: [
    "退出码：",
    "   0  完成",
    "   1  失败：提示中写明原因和办法",
    "   2  命令行有误",
    "  69  不可用：对方、服务或功能不存在",
    "  78  配置有误，或缺少安全设置",
  ].join("\n"),
};

const MORE: Text = {
  en: "`menshen COMMAND --help` explains one command.",
  zh: "`menshen 命令 --help` 显示该命令的说明。",
};

/** The help of one command, or of all commands below `topic`; an unknown topic gives the whole table. */
export function helpText(topic: readonly string[], commands: readonly Command[], language: Language): string {
  const exact = commands.find((command) => command.path.join(" ") === topic.join(" "));
  if (exact !== undefined) return commandHelp(exact, language);
  const below = commands.filter((command) => topic.every((word, index) => command.path[index] === word));
  const listed = below.length > 0 ? below : commands;
  const rows = listed.map((command): [string, string] => [usageLine(command), command.summary[language]]);
  return [ABOUT[language], "", ...columns(rows), "", MORE[language], "", EXIT_CODES[language]].join("\n");
}

function commandHelp(command: Command, language: Language): string {
  const rows: [string, string][] = [
    ...command.positionals.map(({ name, help }): [string, string] => [name, help[language]]),
    ...Object.entries({ ...command.options, ...COMMON_OPTIONS }).map(([name, spec]): [string, string] => [
      optionForm(name, spec),
      spec.help[language],
    ]),
  ];
  const parts = [`menshen ${usageLine(command)}`, "", command.summary[language], "", ...columns(rows)];
  if (command.details !== undefined) parts.push("", command.details[language]);
  parts.push("", EXIT_CODES[language]);
  return parts.join("\n");
}

function usageLine(command: Command): string {
  const options = Object.keys(command.options).length > 0 ? ["[OPTIONS]"] : [];
  return [...command.path, ...command.positionals.map(({ name }) => name), ...options].join(" ");
}

function optionForm(name: string, spec: OptionSpec): string {
  return spec.type === "boolean" ? `--${name}` : `--${name} ${spec.placeholder ?? "TEXT"}`;
}

/** Longer names stand on a line of their own, so that one of them does not push the texts to the right. */
const NAME_COLUMNS = 26;

function columns(rows: readonly (readonly [string, string])[]): string[] {
  return rows.flatMap(([name, text]) => {
    const lines = text.split("\n");
    const indent = " ".repeat(NAME_COLUMNS + 4);
    const rest = lines.slice(1).map((line) => indent + line);
    if (name.length > NAME_COLUMNS) return [`  ${name}`, indent + (lines[0] ?? ""), ...rest];
    return [`  ${padded(name, NAME_COLUMNS)}  ${lines[0] ?? ""}`, ...rest];
  });
}
