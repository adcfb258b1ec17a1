import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import Type, { type Static } from "typebox";
import { Value } from "typebox/value";
import { CliError, EXIT, type ExitCode } from "../command-line/cli-error.ts";
import type { Call, Command, OptionSpec, PositionalSpec } from "../command-line/command.ts";
import type { Text } from "../command-line/language.ts";
import { askGate, stateDirOf } from "../gate/ask-gate.ts";

const Finding = Type.Object({
  code: Type.String(),
  severity: Type.Enum(["notice", "warning", "fault"]),
  subject: Type.Optional(Type.String()),
});
type Finding = Static<typeof Finding>;
const Fault = Type.Object({
  code: Type.String(),
  subject: Type.Optional(Type.String()),
  value: Type.Optional(Type.Integer()),
});
const SelfTest = Type.Object({
  findings: Type.Array(Finding),
  report: Type.Optional(Type.Object({ tested: Type.Integer(), faults: Type.Array(Fault) })),
});

/** What is printed of a gate's status; `--json` gives all of it. */
const Status = Type.Object({
  gateId: Type.Optional(Type.String()),
  softwareVersion: Type.String(),
  snapshot: Type.Optional(Type.Object({ version: Type.Integer(), credentials: Type.Integer() })),
  journal: Type.Object({ lastSequence: Type.Integer(), acknowledged: Type.Integer() }),
  link: Type.Object({ connected: Type.Boolean(), server: Type.Optional(Type.String()) }),
  readers: Type.Array(
    Type.Object({
      readerId: Type.String(),
      how: Type.String(),
      online: Type.Boolean(),
      secureChannel: Type.String(),
    }),
  ),
  portals: Type.Array(Type.Object({ portalId: Type.String(), lock: Type.String(), contact: Type.String() })),
  findings: Type.Array(Finding),
});

const CONFIG: OptionSpec = {
  type: "string",
  placeholder: "FILE",
  help: { en: "configuration of the gate (JSON); required", zh: "控制器的配置文件（JSON），必填" },
};
const Opened = Type.Object({ readers: Type.Array(Type.String()) });
const TakenOver = Type.Object({
  gateId: Type.String(),
  readers: Type.Array(Type.String()),
  journal: Type.Union([
    Type.Object({ sent: Type.Integer(), lastSequence: Type.Integer() }),
    Type.Object({ failed: Type.String() }),
  ]),
});
const MARKS = { notice: "·", warning: "!", fault: "✗" } as const;
const MOST_MINUTES = 15;

export const gateStatusCommand = deskCommand({
  name: "status",
  summary: {
    en: "what a gate on this machine says of itself: link, rules, readers, doors, findings",
    zh: "本机控制器的现状：连接、规则、读卡器、门、问题",
  },
  async run(call, stateDir) {
    const { status } = await askGate(stateDir, { request: "status" });
    if (!Value.Check(Status, status)) throw notUnderstood();
    const lines = [
      `gate ${status.gateId ?? "–"} · ${status.softwareVersion}`,
      `link ${status.link.connected ? "connected" : "disconnected"}${status.link.server === undefined ? "" : ` ${status.link.server}`}`,
      status.snapshot === undefined
        ? "rules –"
        : `rules version=${status.snapshot.version} credentials=${status.snapshot.credentials}`,
      `journal last=${status.journal.lastSequence} acknowledged=${status.journal.acknowledged}`,
      ...status.readers.map(
        ({ readerId, how, online, secureChannel }) =>
          `reader ${readerId} ${online ? "online" : "offline"} secure-channel=${secureChannel} (${how})`,
      ),
      ...status.portals.map(({ portalId, lock, contact }) => `door ${portalId} ${lock} contact=${contact}`),
      ...status.findings.map(findingLine),
    ];
    call.output.say(status, lines.join("\n"));
    return EXIT.ok;
  },
});

export const gateSelfTestCommand = deskCommand({
  name: "self-test",
  summary: {
    en: "let a gate test itself: disk, journal, clock, readers, locks; names what is at fault",
    zh: "让控制器自检：磁盘、日志、时钟、读卡器、锁；指出问题所在",
  },
  options: {
    wires: {
      type: "boolean",
      help: {
        en: "test wires, relays and readers too: doors closed, nobody at a button;\nreaders are away for seconds, each lock is released for one",
        zh: "同时测试线路、继电器和读卡器：请关好门、勿按按钮；\n读卡器会中断数秒，每把锁会打开一秒",
      },
    },
  },
  async run(call, stateDir) {
    const { result } = await askGate(stateDir, {
      request: "self-test",
      ...(call.flag("wires") ? { wires: true } : {}),
    });
    if (!Value.Check(SelfTest, result)) throw notUnderstood();
    const { findings, report } = result;
    const faults = report?.faults ?? [];
    const lines = [...faults.map(faultLine), ...findings.map(findingLine)];
    if (lines.length === 0) call.output.say(result, { en: "✓ all is well", zh: "✓ 一切正常" });
    else call.output.say(result, lines.join("\n"));
    const isWell = faults.length === 0 && !findings.some(({ severity }) => severity === "fault");
    return isWell ? EXIT.ok : EXIT.failed;
  },
});

export const gateDiagnoseCommand = deskCommand({
  name: "diagnose",
  summary: {
    en: "write what somebody far away needs to find a fault at a gate, without a word about persons",
    zh: "把远程排障所需的信息写成一个文件，不含任何个人信息",
  },
  positionals: [{ name: "FILE", help: { en: "file to write (JSON)", zh: "要写入的文件（JSON）" } }],
  async run(call, stateDir) {
    const [file = ""] = call.positionals;
    const { result } = await askGate(stateDir, { request: "diagnose" });
    if (result === undefined) throw notUnderstood();
    try {
      writeFileSync(file, `${JSON.stringify(result, undefined, 2)}\n`, { flag: "wx", mode: 0o600 });
    } catch (cause) {
      throw new CliError(
        "failed",
        { en: `cannot write \`${file}\``, zh: `无法写入 \`${file}\`` },
        { en: "name a file that is not there yet", zh: "请指定一个尚不存在的文件" },
        { cause },
      );
    }
    call.output.say(
      { file },
      { en: `✓ written to ${file}; look through it`, zh: `✓ 已写入 ${file}，请先过目` },
    );
    return EXIT.ok;
  },
});

export const gateEnrolCommand = deskCommand({
  name: "enrol",
  summary: {
    en: "give a gate the one-time code that the console made for it",
    zh: "把控制台生成的一次性安装码交给控制器",
  },
  positionals: [{ name: "CODE", help: { en: "the code from the console", zh: "控制台给出的安装码" } }],
  async run(call, stateDir) {
    const [code = ""] = call.positionals;
    await askGate(stateDir, { request: "enrol", code });
    call.output.say({ enrolled: true }, { en: "✓ enrolled", zh: "✓ 已安装" });
    return EXIT.ok;
  },
});

export const gateInstallWindowCommand = deskCommand({
  name: "install-window",
  summary: {
    en: "let new or exchanged readers take their keys by the published install key, for some minutes",
    zh: "在几分钟内允许新装或更换的读卡器用公开的安装密钥领取自己的密钥",
  },
  positionals: [
    {
      name: "READER",
      help: {
        en: "the reader's id, as in the configuration; `all`: each that has no key yet",
        zh: "读卡器编号，与配置一致；`all` 为所有尚无密钥的读卡器",
      },
    },
  ],
  options: {
    minutes: {
      type: "string",
      placeholder: "N",
      help: { en: `1 to ${MOST_MINUTES}; 5 unless told`, zh: `1 至 ${MOST_MINUTES}，默认 5` },
    },
  },
  async run(call, stateDir) {
    const [reader = ""] = call.positionals;
    const minutes = Number(call.option("minutes") ?? "5");
    if (!Number.isInteger(minutes) || minutes < 1 || minutes > MOST_MINUTES) {
      throw new CliError("usage", {
        en: `--minutes: expected a whole number from 1 to ${MOST_MINUTES}`,
        zh: `--minutes：应为 1 至 ${MOST_MINUTES} 的整数`,
      });
    }
    const { result } = await askGate(stateDir, {
      request: "open-install-window",
      ...(reader === "all" ? {} : { readerId: reader }),
      minutes,
    });
    if (!Value.Check(Opened, result)) throw notUnderstood();
    const { readers } = result;
    call.output.say(
      { readers, minutes },
      readers.length === 0
        ? { en: "every reader has its key: nothing was opened", zh: "所有读卡器均已有密钥，未打开安装时限" }
        : {
            en: `✓ open for ${minutes} min (readers: ${readers.length}); the journal says so`,
            zh: `✓ 已为 ${readers.length} 台读卡器打开 ${minutes} 分钟，并已记录`,
          },
    );
    return EXIT.ok;
  },
});

export const gateTakeOverCommand = deskCommand({
  name: "take-over",
  summary: {
    en: "take from the disk of a broken gate what only it has: its readers' keys, and records not sent yet",
    zh: "从坏掉的控制器的磁盘上取回只有它才有的：读卡器密钥和未上传的记录",
  },
  positionals: [
    {
      name: "FOLDER",
      help: {
        en: "state folder on the old disk (stateDir of its configuration); it is left as it is",
        zh: "旧磁盘上的状态目录（其配置中的 stateDir）；内容不会被改动",
      },
    },
  ],
  async run(call, stateDir) {
    const [folder = ""] = call.positionals;
    const { result } = await askGate(stateDir, { request: "take-over", from: resolve(folder) });
    if (!Value.Check(TakenOver, result)) throw notUnderstood();
    const { readers, journal } = result;
    const isHandedOver = "sent" in journal;
    call.output.say(result, {
      en: [
        `${readers.length > 0 ? "✓" : "·"} readers under the keys they hold: ${readers.length}`,
        isHandedOver
          ? `✓ records handed over: ${journal.sent}; the server holds all up to ${journal.lastSequence}`
          : `✗ records not handed over: ${journal.failed}; do it again`,
      ].join("\n"),
      zh: [
        `${readers.length > 0 ? "✓" : "·"} 沿用原密钥的读卡器：${readers.length} 台`,
        isHandedOver
          ? `✓ 已补交记录 ${journal.sent} 条；服务器已有截至第 ${journal.lastSequence} 条的全部记录`
          : `✗ 记录未补交：${journal.failed}；请重试`,
      ].join("\n"),
    });
    return isHandedOver ? EXIT.ok : EXIT.failed;
  },
});

export const gateResetFireCommand = deskCommand({
  name: "reset-fire",
  summary: {
    en: "end a door's fire release, after a person has looked; only while the fire input is off",
    zh: "经人查看后结束一道门的消防释放；仅在消防信号已撤除时",
  },
  positionals: [
    { name: "DOOR", help: { en: "the door's id, as in the configuration", zh: "门编号，与配置一致" } },
  ],
  async run(call, stateDir) {
    const [portalId = ""] = call.positionals;
    await askGate(stateDir, { request: "reset-fire", portalId });
    call.output.say({ portalId }, { en: "✓ reset", zh: "✓ 已复位" });
    return EXIT.ok;
  },
});

function faultLine({ code, subject, value }: Static<typeof Fault>): string {
  const about = subject === undefined ? "" : ` ${subject}`;
  return `${MARKS.fault} ${code}${about}${value === undefined ? "" : ` ${value}`}`;
}

function findingLine({ code, severity, subject }: Finding): string {
  return `${MARKS[severity]} ${code}${subject === undefined ? "" : ` ${subject}`}`;
}

function notUnderstood(): CliError {
  return new CliError("failed", {
    en: "the gate's answer is not understood: is it of another version?",
    zh: "看不懂控制器的回答：版本是否不同？",
  });
}

function deskCommand(command: {
  readonly name: string;
  readonly summary: Text;
  readonly positionals?: readonly PositionalSpec[];
  readonly options?: Readonly<Record<string, OptionSpec>>;
  readonly run: (call: Call, stateDir: string) => Promise<ExitCode>;
}): Command {
  const { name, summary, positionals = [], options = {}, run } = command;
  return {
    path: ["gate", name],
    summary,
    positionals,
    options: { config: CONFIG, ...options },
    async run(call) {
      const config = call.option("config");
      if (config === undefined) {
        throw new CliError(
          "usage",
          { en: "missing --config FILE", zh: "缺少 --config FILE" },
          { en: `see \`menshen gate ${name} --help\``, zh: `用法见 \`menshen gate ${name} --help\`` },
        );
      }
      return run(call, stateDirOf(config));
    },
  };
}
