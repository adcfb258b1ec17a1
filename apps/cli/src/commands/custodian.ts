import { ApiError } from "../api/api-error.ts";
import { CliError, type ExitCode } from "../command-line/cli-error.ts";
import type { Call, Command, OptionSpec, PositionalSpec } from "../command-line/command.ts";
import type { Text } from "../command-line/language.ts";
import { endorseWaiting, holdCeremony } from "../custodian/hold-ceremony.ts";
import { destroyNow, keepRunning } from "../custodian/keep-running.ts";
import { acknowledgeLog } from "../custodian/log-fault.ts";
import { listRequests, openRequest, refuseRequest, sayStatus } from "../custodian/requests.ts";
import { setUp } from "../custodian/setup.ts";

const STATE: OptionSpec = {
  type: "string",
  placeholder: "DIR",
  help: {
    en: "the program's own directory, never backed up; required",
    zh: "本程序专用的目录，不得备份；必填",
  },
};
const PASSPHRASE_FILE: OptionSpec = {
  type: "string",
  placeholder: "FILE",
  help: { en: "its first line is the passphrase; typed if absent", zh: "首行为口令；不给则在终端输入" },
};
const YES: OptionSpec = {
  type: "boolean",
  help: { en: "say yes beforehand, for scripts", zh: "预先确认，供脚本使用" },
};
const REQUEST: PositionalSpec = {
  name: "REQUEST",
  help: { en: "the request's number, as `requests` shows it", zh: "申请编号，见 `requests`" },
};

export const custodianInitCommand = custodianCommand({
  name: "init",
  summary: {
    en: "set a custodian's program up: its identity key, its store, the log it will believe",
    zh: "设置保管人程序：身份密钥、份额文件、所信任的日志",
  },
  options: {
    server: {
      type: "string",
      placeholder: "URL",
      help: { en: "address of the community's server; required", zh: "小区服务器地址，必填" },
    },
    "log-key": {
      type: "string",
      placeholder: "VKEY",
      help: {
        en: "the evidence log's verifier key, as other bodies have it",
        zh: "证据日志的验证密钥，取自其他各方",
      },
    },
    witness: {
      type: "string",
      placeholder: "BODY=VKEY",
      multiple: true,
      help: {
        en: "a witness and its verifier key; may stand several times",
        zh: "见证方及其验证密钥，可多次",
      },
    },
    quorum: {
      type: "string",
      placeholder: "N",
      help: { en: "how many bodies must have witnessed", zh: "须有几方见证" },
    },
    yes: YES,
  },
  details: {
    en: [
      "Keys of log and witnesses that are not given are shown, to be compared with what the other bodies have. From then",
      "on the program believes no other: a server that shows another log is refused.",
    ].join("\n"),
    zh: "未给出的日志密钥和见证方密钥会显示出来供核对。此后本程序只认这些：服务器给出别的日志即被拒绝。",
  },
  run: setUp,
});

export const custodianCeremonyCommand = custodianCommand({
  name: "ceremony",
  summary: {
    en: "make keys together with the other custodians, who must run this at the same time",
    zh: "与其他保管人同时运行，共同制作密钥",
  },
  options: {
    patience: {
      type: "string",
      placeholder: "SECONDS",
      help: {
        en: "how long to wait for each step of the others; 60 unless told",
        zh: "等待其他保管人每一步的时间，默认 60 秒",
      },
    },
    yes: YES,
  },
  run: holdCeremony,
});

export const custodianEndorseCommand = custodianCommand({
  name: "endorse",
  summary: {
    en: "agree to proposed custodians, or to another policy of log and witnesses",
    zh: "认可新提名的保管人，或新的日志与见证方",
  },
  options: { yes: YES },
  run: endorseWaiting,
});

export const custodianStatusCommand = custodianCommand({
  name: "status",
  summary: { en: "shares held, when they die, receipts owed", zh: "持有的份额、销毁时间、待送出的回执" },
  run: sayStatus,
});

export const custodianRequestsCommand = custodianCommand({
  name: "requests",
  summary: {
    en: "requests that wait for an answer, each checked against the log and the limits",
    zh: "待答复的申请，逐一核对日志与范围",
  },
  run: listRequests,
});

export const custodianOpenCommand = custodianCommand({
  name: "open",
  summary: {
    en: "answer a request for the entries in its scope, after you have read it and said yes",
    zh: "阅读并确认后，为申请范围内的记录给出答复",
  },
  positionals: [REQUEST],
  options: { yes: YES },
  run: openRequest,
});

export const custodianRefuseCommand = custodianCommand({
  name: "refuse",
  summary: { en: "answer a request with no, and say why", zh: "拒绝申请并说明理由" },
  positionals: [REQUEST],
  options: {
    reason: {
      type: "string",
      placeholder: "CODE",
      help: {
        en: "document-doubtful, outside-scope, not-logged, no-legal-ground, share-destroyed or other; required",
        zh: "document-doubtful、outside-scope、not-logged、no-legal-ground、share-destroyed 或 other，必填",
      },
    },
  },
  run: refuseRequest,
});

export const custodianAcknowledgeLogCommand = custodianCommand({
  name: "acknowledge-log",
  summary: {
    en: "answer requests again after the log forked or went back and you spoke with the others",
    zh: "日志分叉或倒退、与其他各方核实之后，恢复答复",
  },
  options: {
    believe: {
      type: "string",
      placeholder: "TREE",
      help: {
        en: "`seen`: go on from the tree seen before, the default; `shown`: from the one that contradicted it",
        zh: "`seen`：以以前所见为准（默认）；`shown`：以与之矛盾的为准",
      },
    },
    yes: YES,
  },
  run: acknowledgeLog,
});

export const custodianDestroyCommand = custodianCommand({
  name: "destroy",
  summary: {
    en: "destroy shares whose time is over and send the receipts; or chosen ones before their time",
    zh: "销毁到期的份额并送出回执；或提前销毁指定的份额",
  },
  options: {
    epoch: {
      type: "string",
      placeholder: "N",
      help: { en: "destroy the share of this epoch now", zh: "立即销毁这一期的份额" },
    },
    all: { type: "boolean", help: { en: "destroy all shares now", zh: "立即销毁全部份额" } },
    yes: YES,
  },
  run: destroyNow,
});

export const custodianRunCommand = custodianCommand({
  name: "run",
  summary: {
    en: "keep going: destroy shares when their time is over, show new requests; opens nothing",
    zh: "持续运行：到期销毁份额，显示新的申请；不会自行开启",
  },
  run: keepRunning,
});

function custodianCommand(command: {
  readonly name: string;
  readonly summary: Text;
  readonly positionals?: readonly PositionalSpec[];
  readonly options?: Readonly<Record<string, OptionSpec>>;
  readonly details?: Text;
  readonly run: (call: Call) => Promise<ExitCode>;
}): Command {
  const { name, summary, positionals = [], options = {}, details, run } = command;
  return {
    path: ["custodian", name],
    summary,
    positionals,
    options: { state: STATE, "passphrase-file": PASSPHRASE_FILE, ...options },
    ...(details === undefined ? {} : { details }),
    async run(call) {
      try {
        return await run(call);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        const why = error.problem?.detail ?? error.problem?.title ?? error.message;
        throw new CliError("failed", { en: `the server: ${why}`, zh: `服务器：${why}` }, undefined, {
          cause: error,
        });
      }
    },
  };
}
