import { resolve } from "node:path";
import { sha256 } from "@menshen/crypto/node";
import { type NoteKey, parseVerifierKey } from "@menshen/evidence";
import { makeWitness, serveWitness } from "@menshen/evidence/node";
import { announceReady, loadConfig, makeLogger, ServiceError } from "@menshen/service-kit";
import { Type } from "typebox";
import { CliError, EXIT, type ExitCode } from "../command-line/cli-error.ts";
import type { Call, Command } from "../command-line/command.ts";
import { openWitnessState } from "../evidence/witness-state.ts";

const WitnessConfig = Type.Object(
  {
    stateDir: Type.String({ minLength: 1 }),
    listen: Type.Object(
      { host: Type.String({ minLength: 1 }), port: Type.Integer({ minimum: 0, maximum: 65_535 }) },
      { additionalProperties: false },
    ),
    /** Name of the witness's key: no spaces, no plus signs. */
    name: Type.String({ pattern: "^[^\\s+]+$", maxLength: 200 }),
    /** Verifier keys of the logs that are watched. */
    logs: Type.Array(Type.String(), { minItems: 1, maxItems: 1_000 }),
  },
  { additionalProperties: false },
);

export const witnessCommand: Command = {
  path: ["witness"],
  summary: {
    en: "run a witness of evidence logs in the foreground (C2SP tlog-witness)",
    zh: "在前台运行证据日志的见证者（C2SP tlog-witness）",
  },
  positionals: [],
  options: {
    config: {
      type: "string",
      placeholder: "FILE",
      help: { en: "configuration (JSON); required", zh: "配置文件（JSON），必填" },
    },
  },
  details: {
    en: [
      "A witness cosigns a log's checkpoint only if it continues the one cosigned before. What it cosigned is on disk",
      "before it answers; the directory must never be set back to an older copy. Key and memory are made at first start.",
      "When ready it prints one JSON line with its address and its verifier key, which the logs and their readers need.",
      "It speaks HTTP: put it behind a TLS proxy where it is reached over a network.",
      "",
      'Configuration: {"stateDir": "witness", "listen": {"host": "127.0.0.1", "port": 8790},',
      ' "name": "city.example/witness", "logs": ["log.menshen.local/…+1a2b3c4d+AV…"]}',
    ].join("\n"),
    zh: [
      "见证者只联署延续此前内容的检查点。应答之前，联署记录已写入磁盘；其目录绝不能恢复成旧副本。",
      "密钥和记录在首次启动时生成。就绪后输出一行 JSON，含地址和验证密钥，日志及其读者需要该密钥。",
      "使用 HTTP：经网络访问时请置于 TLS 代理之后。",
      "",
      '配置：{"stateDir": "witness", "listen": {"host": "127.0.0.1", "port": 8790},',
      ' "name": "city.example/witness", "logs": ["log.menshen.local/…+1a2b3c4d+AV…"]}',
    ].join("\n"),
  },
  run: runWitness,
};

async function runWitness(call: Call): Promise<ExitCode> {
  const file = call.option("config");
  if (file === undefined) {
    throw new CliError(
      "usage",
      { en: "missing --config FILE", zh: "缺少 --config FILE" },
      { en: "see `menshen witness --help`", zh: "用法见 `menshen witness --help`" },
    );
  }
  const config = readConfig(file);
  const logs = config.logs.map(logKeyOf);
  const logger = makeLogger({ app: "witness" });
  const state = openWitnessState(resolve(config.stateDir));
  try {
    const witness = makeWitness({
      name: config.name,
      secretKey: state.secretKey,
      logs,
      store: state.store,
      nowSeconds: () => Math.floor(Date.now() / 1_000),
    });
    const { host, port } = config.listen;
    const server = await serveWitness({
      witness,
      host,
      port,
      onFault: (error) => logger.error({ error }, "could not remember a checkpoint"),
    });
    const address = host.includes(":") ? `[${host}]` : host;
    announceReady({ url: `http://${address}:${server.port}`, verifierKey: witness.verifierKey });
    logger.info({ count: logs.length }, "watching logs");
    await new Promise<void>((stop) => {
      if (call.stop.aborted) stop();
      call.stop.addEventListener("abort", () => stop());
    });
    logger.info({}, "stopping");
    await server.stop();
    return EXIT.ok;
  } finally {
    state.close();
  }
}

function readConfig(file: string) {
  try {
    return loadConfig(WitnessConfig, file);
  } catch (cause) {
    if (!(cause instanceof ServiceError)) throw cause;
    const { message } = cause;
    throw new CliError("config", { en: message, zh: `配置有误：${message}` }, undefined, { cause });
  }
}

function logKeyOf(text: string): NoteKey {
  const parsed = parseVerifierKey(sha256, text);
  if (parsed.parsed && parsed.key.type === "ed25519") return parsed.key;
  const why = parsed.parsed ? "not a log's" : parsed.refusal;
  throw new CliError("config", {
    en: `/logs: expected verifier keys of logs, \`${text}\` is refused: ${why}`,
    zh: `/logs：应为日志的验证密钥，\`${text}\` 被拒绝：${why}`,
  });
}
