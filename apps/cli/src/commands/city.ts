import { CliError } from "../command-line/cli-error.ts";
import type { Command } from "../command-line/command.ts";

export const cityCommand: Command = {
  path: ["city"],
  summary: {
    en: "the city server (not in this version)",
    zh: "城市监管服务器（本版本尚未提供）",
  },
  positionals: [],
  options: {
    config: {
      type: "string",
      placeholder: "FILE",
      help: { en: "configuration (JSON)", zh: "配置文件（JSON）" },
    },
  },
  run() {
    throw new CliError(
      "unavailable",
      { en: "this version has no city server", zh: "本版本没有城市监管服务器" },
      {
        en: "communities and gates work without one: see `menshen community --help`",
        zh: "小区服务器和闸机无需它即可工作，见 `menshen community --help`",
      },
    );
  },
};
