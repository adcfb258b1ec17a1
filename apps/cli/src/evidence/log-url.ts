import { CliError } from "../command-line/cli-error.ts";
import type { PositionalSpec } from "../command-line/command.ts";

export const URL_POSITIONAL: PositionalSpec = {
  name: "URL",
  help: {
    en: "the log's prefix, e.g. https://gate.example/log",
    zh: "日志的地址前缀，例如 https://gate.example/log",
  },
};

/** The log did not answer as a log does. */
export function unreachable(url: string, cause: unknown): CliError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new CliError(
    "unavailable",
    { en: `the log at \`${url}\` does not answer: ${why}`, zh: `\`${url}\` 处的日志没有应答：${why}` },
    {
      en: "check the address and the network; nothing was learned and the state is as before",
      zh: "请检查地址和网络；本次没有得到任何结论，状态未变",
    },
    { cause },
  );
}
