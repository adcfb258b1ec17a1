import { makeBus } from "@menshen/osdp";
import { CliError, EXIT, type ExitCode } from "../command-line/cli-error.ts";
import type { Call, Command } from "../command-line/command.ts";
import { eventFields, eventLine } from "../osdp/describe.ts";
import { addressOf, keyOf, LINE_OPTIONS, openLine, WHERE, wholeNumber } from "../osdp/reader-options.ts";

const INSTALL_WINDOW_SECONDS = 60;

export const readerMonitorCommand: Command = {
  path: ["reader", "monitor"],
  summary: {
    en: "be the panel of an OSDP reader and print one line for each event",
    zh: "作为控制器连接 OSDP 读卡器，每个事件输出一行",
  },
  positionals: [WHERE],
  options: {
    ...LINE_OPTIONS,
    "smart-card": {
      type: "boolean",
      help: {
        en: "put the reader into pass-through mode: cards are reported as present",
        zh: "让读卡器进入智能卡透传模式：只报告有卡",
      },
    },
    install: {
      type: "boolean",
      help: {
        en: `for ${INSTALL_WINDOW_SECONDS} s give the key to a reader that has only the default key`,
        zh: `${INSTALL_WINDOW_SECONDS} 秒内允许把密钥交给仅有默认密钥的读卡器`,
      },
    },
    for: {
      type: "string",
      placeholder: "SECONDS",
      help: { en: "stop by itself after this time", zh: "到时自动停止（秒）" },
    },
  },
  details: {
    en: [
      "Lines begin with the time, then a word that does not change with the language: online, offline,",
      "secure-channel, card, keypad, tamper, power, inputs, outputs, smart-card, nak, mac-failure …",
      "Card numbers are printed in full: mind who sees the screen.",
      "Ends with exit code 0 on Ctrl-C or SIGTERM, with 69 if the reader was never online.",
    ].join("\n"),
    zh: [
      "每行先是时间，再是不随语言变化的关键词：online、offline、secure-channel、card、keypad、tamper、",
      "power、inputs、outputs、smart-card、nak、mac-failure 等。",
      "卡号完整显示，请留意屏幕旁的人。",
      "Ctrl-C 或 SIGTERM 结束，退出码 0；读卡器从未上线则为 69。",
    ].join("\n"),
  },
  run: monitor,
};

async function monitor(call: Call): Promise<ExitCode> {
  const [where = ""] = call.positionals;
  const address = addressOf(call, 127);
  const key = keyOf(call);
  const seconds = wholeNumber(call, "for", 1, 86_400);
  if (call.flag("install") && key === undefined) {
    throw new CliError("usage", {
      en: "--install needs a key to give: --key HEX or --key-file FILE",
      zh: "--install 需要要写入的密钥：--key HEX 或 --key-file FILE",
    });
  }
  let wasOnline = false;
  const transport = await openLine(call, where);
  const bus = makeBus({
    transport,
    pds: [
      {
        address,
        security: key === undefined ? { kind: "plain" } : { kind: "secure-channel", key },
        ...(call.flag("smart-card") ? { cardMode: 1 } : {}),
      },
    ],
    onEvent(event) {
      if (event.kind === "online") wasOnline = true;
      const at = new Date();
      call.output.say(
        { at: at.toISOString(), ...eventFields(event) },
        `${at.toTimeString().slice(0, 8)}.${String(at.getMilliseconds()).padStart(3, "0")} ${eventLine(event)}`,
      );
    },
  });
  if (call.flag("install")) bus.openInstallWindow(address, INSTALL_WINDOW_SECONDS * 1_000);
  await new Promise<void>((resolve) => {
    if (call.stop.aborted) resolve();
    call.stop.addEventListener("abort", () => resolve());
    if (seconds !== undefined) setTimeout(resolve, seconds * 1_000);
  });
  await bus.stop();
  return wasOnline ? EXIT.ok : EXIT.unavailable;
}
