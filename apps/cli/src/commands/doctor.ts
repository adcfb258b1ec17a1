import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { EXIT, type ExitCode } from "../command-line/cli-error.ts";
import type { Call, Command } from "../command-line/command.ts";
import { DEMO_PORTS } from "../demo/ports.ts";
import type { Finding } from "../doctor/finding.ts";
import {
  checkClock,
  checkDatabase,
  checkDisk,
  checkMachine,
  checkNode,
  checkPort,
  checkSerialPorts,
} from "../doctor/machine.ts";
import { checkPcsc } from "../doctor/pcsc.ts";
import { PACKAGES, PINNED_NODE } from "../processes/checkout.ts";

export const doctorCommand: Command = {
  path: ["doctor"],
  summary: {
    en: "look at this machine and say what to do about what is not right",
    zh: "检查本机，并说明不妥之处该怎么办",
  },
  positionals: [],
  options: {
    state: {
      type: "string",
      placeholder: "DIR",
      help: {
        en: "whose disk to try; the working directory unless told",
        zh: "要测试的磁盘目录，默认当前目录",
      },
    },
  },
  details: {
    en: [
      "Each line is a finding: ✓ good, · worth knowing, ✗ wrong and what to do. Exit code 0 unless something is wrong,",
      "then 1. With --json one object a finding: check, state (ok, note, problem), what, remedy, values.",
    ].join("\n"),
    zh: [
      "每行一项：✓ 正常，· 值得留意，✗ 有问题并给出办法。没有问题退出码 0，否则 1。",
      "--json 每项一个对象：check、state（ok、note、problem）、what、remedy、values。",
    ].join("\n"),
  },
  run: examine,
};

const MARKS = { ok: "✓", note: "·", problem: "✗" } as const;

async function examine(call: Call): Promise<ExitCode> {
  const directory = resolve(call.option("state") ?? ".");
  mkdirSync(directory, { recursive: true });
  const looks: (() => Finding | Promise<Finding>)[] = [
    () => checkNode(PINNED_NODE),
    checkMachine,
    () => checkDatabase(PACKAGES, call.env),
    () => checkDisk(directory),
    () => checkClock(Date.now()),
    () => checkSerialPorts(),
    () => checkPcsc(call.env.PCSCLITE_CSOCK_NAME),
    ...Object.entries(DEMO_PORTS).map(
      ([purpose, port]) =>
        () =>
          checkPort(port, purpose),
    ),
  ];
  let wrong = false;
  for (const look of looks) {
    const finding = await look();
    wrong ||= finding.state === "problem";
    tell(call, finding);
  }
  return wrong ? EXIT.failed : EXIT.ok;
}

function tell(call: Call, finding: Finding): void {
  const { check, state, what, remedy, values } = finding;
  const line = (language: "en" | "zh") =>
    [`${MARKS[state]} ${what[language]}`, ...(remedy === undefined ? [] : [`  ${remedy[language]}`])].join(
      "\n",
    );
  call.output.say(
    {
      check,
      state,
      what: what.en,
      ...(remedy === undefined ? {} : { remedy: remedy.en }),
      ...(values === undefined ? {} : { values }),
    },
    { en: line("en"), zh: line("zh") },
  );
}
