import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { CliError, type ExitCode } from "../command-line/cli-error.ts";
import type { Call, Command } from "../command-line/command.ts";
import type { Text } from "../command-line/language.ts";
import { type AppName, spawnApp } from "../processes/app-process.ts";

const DETAILS: Text = {
  en: [
    "The server writes one JSON line with its addresses to standard output when it is ready, and its log (JSON",
    "lines) to standard error. SIGINT, SIGTERM and SIGHUP stop it in order; so does the end of this process, however",
    "it ends. Exit code 78: the configuration is not valid or a security setting is missing.",
  ].join("\n"),
  zh: [
    "就绪后在标准输出写一行 JSON(含各地址),日志（JSON 行）写到标准错误。",
    "SIGINT、SIGTERM、SIGHUP 会使其有序停止；本进程以任何方式结束时它也随之停止。",
    "退出码 78:配置无效或缺少安全设置。",
  ].join("\n"),
};

export const communityCommand = serverCommand("community", {
  en: "run a community's server in the foreground",
  zh: "在前台运行小区服务器",
});

export const gateCommand = serverCommand("gate", {
  en: "run a gate in the foreground",
  zh: "在前台运行门禁控制器",
});

export const cityCommand = serverCommand("city", {
  en: "run the city's server in the foreground",
  zh: "在前台运行城市监管服务器",
});

function serverCommand(app: AppName, summary: Text): Command {
  return {
    path: [app],
    summary,
    positionals: [],
    options: {
      config: {
        type: "string",
        placeholder: "FILE",
        help: { en: "configuration (JSON); required", zh: "配置文件（JSON），必填" },
      },
    },
    details: DETAILS,
    run: (call) => runServer(app, call),
  };
}

async function runServer(app: AppName, call: Call): Promise<ExitCode> {
  const config = call.option("config");
  if (config === undefined) {
    throw new CliError(
      "usage",
      { en: "missing --config FILE", zh: "缺少 --config FILE" },
      { en: `see \`menshen ${app} --help\``, zh: `用法见 \`menshen ${app} --help\`` },
    );
  }
  const path = resolve(config);
  if (!existsSync(path)) {
    throw new CliError(
      "config",
      { en: `there is no file \`${config}\``, zh: `没有文件 \`${config}\`` },
      { en: "name the configuration file of this server", zh: "请指定该服务器的配置文件" },
    );
  }
  const child = spawnApp(app, ["--config", path], { stdout: "inherit", stderr: "inherit" });
  call.stop.addEventListener("abort", () => child.stop());
  const end = await child.ended;
  return exitCodeOf(end.code);
}

/** A server's own exit codes are those of this program; a signal, or a code that is not ours, is a failure. */
function exitCodeOf(code: number | null): ExitCode {
  return code === 0 || code === 2 || code === 69 || code === 78 ? code : 1;
}
