import { existsSync, readFileSync } from "node:fs";
import * as crypto from "@menshen/crypto/node";
import {
  type Audited,
  type AuditState,
  auditLog,
  auditNew,
  formatAuditState,
  logOverHttp,
  parseAuditState,
} from "@menshen/evidence";
import { writeFileDurably } from "@menshen/service-kit/process";
import { CliError, EXIT, type ExitCode } from "../command-line/cli-error.ts";
import type { Call, Command } from "../command-line/command.ts";
import { findingText } from "../evidence/finding-text.ts";
import { TRUST_OPTIONS, type TrustedLog, trustOf } from "../evidence/log-options.ts";
import { URL_POSITIONAL, unreachable } from "../evidence/log-url.ts";

export const logAuditCommand: Command = {
  path: ["log", "audit"],
  summary: {
    en: "follow an evidence log: verify every new entry, and shout when the log forks or goes back",
    zh: "跟踪核查证据日志：逐条验证新增内容，发现分叉或回退立即报警",
  },
  positionals: [URL_POSITIONAL],
  options: {
    ...TRUST_OPTIONS,
    state: {
      type: "string",
      placeholder: "FILE",
      help: {
        en: "what was seen before; made at first. Without it a fork can only be seen by somebody else",
        zh: "此前所见的记录，首次自动创建；没有它就无法发现分叉",
      },
    },
  },
  details: {
    en: [
      "Exit code 0: all is well. 1: a finding, each on a line of its own. 69: the log does not answer.",
      "The state is on disk before anything is printed. Run it regularly, from where the log's operator cannot tell",
      "you from others.",
      "",
      "Example: menshen log audit https://gate.example/log --key 'log.menshen.local/…+1a2b3c4d+AV…' --state gate.audit",
    ].join("\n"),
    zh: [
      "退出码 0：一切正常；1：发现问题，每行一项；69：日志无应答。",
      "先把状态写入磁盘，再输出结果。请定期运行，并且让日志运营方无法把您与其他人区分开。",
      "",
      "示例：menshen log audit https://gate.example/log --key 'log.menshen.local/…+1a2b3c4d+AV…' --state gate.audit",
    ].join("\n"),
  },
  run: audit,
};

const PROGRESS_STEP = 50_000;

async function audit(call: Call): Promise<ExitCode> {
  const [url = ""] = call.positionals;
  const { log, policy } = trustOf(call);
  const file = call.option("state");
  const before = file === undefined ? auditNew(log.origin) : readState(file, log);
  let told = 0;
  const onProgress = (verified: number) => {
    if (verified - told < PROGRESS_STEP) return;
    told = verified;
    call.output.remark({ en: `${verified} entries…`, zh: `已核查 ${verified} 条…` });
  };
  const reader = logOverHttp(fetch, url);
  let audited: Audited;
  try {
    audited = await auditLog(crypto, reader, log, policy, before, onProgress);
  } catch (cause) {
    throw unreachable(url, cause);
  }
  if (file !== undefined) writeFileDurably(file, formatAuditState(audited.state), 0o600);
  report(call, audited);
  return audited.findings.length === 0 ? EXIT.ok : EXIT.failed;
}

function readState(file: string, log: TrustedLog): AuditState {
  if (!existsSync(file)) return auditNew(log.origin);
  const state = parseAuditState(crypto, readFileSync(file, "utf8"), log);
  if (state !== undefined) return state;
  throw new CliError(
    "config",
    { en: `\`${file}\` is not the state of this log's audit`, zh: `\`${file}\` 不是该日志的核查状态` },
    {
      en: "name the file that belongs to this log and key; do not delete one that was damaged: it may be evidence",
      zh: "请指定属于该日志与密钥的文件；损坏的文件请勿删除，它可能是证据",
    },
  );
}

function report(call: Call, { state, findings, shown, bodies, verified, topics }: Audited): void {
  const size = shown?.checkpoint.size;
  for (const finding of findings) {
    const { en, zh } = findingText(finding);
    call.output.say(finding, { en: `✗ ${en}`, zh: `✗ ${zh}` });
  }
  const machine = {
    ok: findings.length === 0,
    ...(size === undefined ? {} : { size }),
    verified,
    verifiedSize: state.edge.size,
    cosignedBy: bodies,
    topics: Object.fromEntries(topics),
  };
  const counted = (separator: string) =>
    [...topics].map(([topic, count]) => `${topic} ${count}`).join(separator);
  const mark = findings.length === 0 ? "✓" : "·";
  call.output.say(machine, {
    en: `${mark} ${verified} new entries verified, ${state.edge.size} of ${size ?? "?"} in all${topics.size === 0 ? "" : `: ${counted(", ")}`}`,
    zh: `${mark} 新核查 ${verified} 条，累计 ${state.edge.size} / ${size ?? "?"} 条${topics.size === 0 ? "" : `：${counted("，")}`}`,
  });
}
