import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { toHex } from "@menshen/crypto/node";
import { makePeripheralLine, systemTimers } from "@menshen/osdp";
import {
  cardFromProfile,
  makeVirtualReader,
  type ReaderEvent,
  VirtualDeviceError,
  type VirtualReader,
} from "@menshen/virtual-devices";
import { CliError, EXIT, type ExitCode } from "../command-line/cli-error.ts";
import type { Call, Command } from "../command-line/command.ts";
import { buzzerLine, colourName, ledLine, outputLine, textLine } from "../osdp/describe.ts";
import { EMULATOR_GRAMMAR, type EmulatorAction, parseEmulatorLine } from "../osdp/emulator-line.ts";
import { openPeripheralLine } from "../osdp/peripheral-transport.ts";
import { addressOf, keyOf, LINE_OPTIONS, storeKey, WHERE, wholeNumber } from "../osdp/reader-options.ts";

/** A card lies on the reader until it is told to go. */
const UNTIL_REMOVED_MS = 2 ** 31 - 1;

const grammar = (column: 1 | 2) => EMULATOR_GRAMMAR.map((row) => `  ${row[0].padEnd(34)}${row[column]}`);

export const readerEmulateCommand: Command = {
  path: ["reader", "emulate"],
  summary: {
    en: "be an OSDP reader: cards and keys come from standard input, lamp and buzzer go to standard output",
    zh: "模拟 OSDP 读卡器：从标准输入给卡和按键，灯光与蜂鸣输出到标准输出",
  },
  positionals: [WHERE],
  options: {
    ...LINE_OPTIONS,
    inputs: {
      type: "string",
      placeholder: "N",
      help: { en: "contacts on its board; 0 unless told", zh: "输入触点数量，默认 0" },
    },
    outputs: {
      type: "string",
      placeholder: "N",
      help: { en: "relays on its board; 0 unless told", zh: "继电器输出数量，默认 0" },
    },
    "install-mode": {
      type: "boolean",
      help: {
        en: "accept the default key although there is a key, as a badly installed reader does",
        zh: "即使已有密钥也接受默认密钥（模拟安装不当的读卡器）",
      },
    },
  },
  details: {
    en: [
      "Standard input, one action a line (# begins a comment):",
      ...grammar(1),
      "",
      "The end of standard input does not end the reader; `quit`, Ctrl-C and SIGTERM do, with exit code 0.",
      "Standard output: READY, LINK, LED, LAMP, BUZ, TEXT, OUT, OUTPUT, KEYSET, COMSET, one line each.",
      "Without a key the reader is fresh from the box and takes one by the default key; --key-file keeps a key",
      "that it is given. With tcp: and unix: it connects to a panel that listens, and else listens itself.",
    ].join("\n"),
    zh: [
      "标准输入，每行一个动作（# 开头为注释）：",
      ...grammar(2),
      "",
      "标准输入结束不会结束读卡器；`quit`、Ctrl-C 或 SIGTERM 结束，退出码 0。",
      "标准输出每行一条：READY、LINK、LED、LAMP、BUZ、TEXT、OUT、OUTPUT、KEYSET、COMSET。",
      "不给密钥时读卡器为出厂状态，可用默认密钥写入；--key-file 会保存写入的密钥。",
      "tcp: 与 unix: 会先连接正在监听的控制器，没有时自己监听。",
    ].join("\n"),
  },
  run: emulate,
};

async function emulate(call: Call): Promise<ExitCode> {
  const [where = ""] = call.positionals;
  const address = addressOf(call, 126);
  const key = keyOf(call);
  const keyFile = call.option("key-file");
  const inputCount = wholeNumber(call, "inputs", 0, 255) ?? 0;
  const outputCount = wholeNumber(call, "outputs", 0, 255) ?? 0;
  const line = makePeripheralLine({ transport: await openPeripheralLine(call, where) });
  const reader = makeVirtualReader(line, {
    address,
    timers: systemTimers,
    inputCount,
    outputCount,
    ...(key === undefined ? {} : { key }),
    ...(call.flag("install-mode") ? { installMode: true } : {}),
    onEvent(event) {
      if (event.kind === "key-set" && keyFile !== undefined) storeKey(keyFile, event.key);
      call.output.say(...described(event));
    },
  });
  call.output.say({ event: "ready", address, where }, `READY address=${address} where=${where}`);
  await obey(call, reader);
  await line.stop();
  return EXIT.ok;
}

/** Carries out standard input's lines until `quit` or the stop signal. */
function obey(call: Call, reader: VirtualReader): Promise<void> {
  return new Promise((resolve) => {
    const input = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY });
    const end = () => {
      input.close();
      resolve();
    };
    if (call.stop.aborted) end();
    call.stop.addEventListener("abort", end);
    input.on("line", (text) => {
      const action = parseEmulatorLine(text);
      if (action === undefined) return;
      if ("kind" in action && action.kind === "quit") {
        end();
        return;
      }
      const wrong = "wrong" in action ? action.wrong : act(reader, action);
      if (wrong !== undefined) complain(call, wrong);
    });
  });
}

const NOT_TAKEN = "the reader is off its line, or too many reports wait for the panel";

/** Does it, and says what was wrong if it could not be done. */
function act(reader: VirtualReader, action: Exclude<EmulatorAction, { kind: "quit" }>): string | undefined {
  switch (action.kind) {
    case "card-blank":
      return lay(reader, { kind: action.card, uid: toHex(action.uid) });
    case "card-profile":
      return layFile(reader, action.file);
    case "remove":
      reader.take();
      return undefined;
    case "raw":
      return reader.swipe(action.bits, action.format) ? undefined : NOT_TAKEN;
    case "text":
      return reader.sendText(action.characters) ? undefined : NOT_TAKEN;
    case "keys":
      return reader.type(action.keys) ? undefined : NOT_TAKEN;
    case "input":
      return reader.setInput(action.input, action.on)
        ? undefined
        : `input: there is no input ${action.input}`;
    case "switch":
      if (action.what === "tamper") reader.setTamper(action.on);
      if (action.what === "power") reader.setPowerFailed(!action.on);
      if (action.what === "busy") reader.setBusy(action.on);
      if (action.what === "plug") reader.setPulled(!action.on);
      return undefined;
  }
}

function layFile(reader: VirtualReader, file: string): string | undefined {
  try {
    return lay(reader, JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    return `card file: ${error instanceof Error ? error.message : "cannot be read"}`;
  }
}

function lay(reader: VirtualReader, profile: unknown): string | undefined {
  try {
    const { card } = cardFromProfile(profile);
    void reader.hold(card, { longestMs: UNTIL_REMOVED_MS, stays: true });
    return undefined;
  } catch (error) {
    if (error instanceof VirtualDeviceError) return error.message;
    throw error;
  }
}

function complain(call: Call, text: string): void {
  call.output.fail(
    new CliError(
      "usage",
      { en: `standard input: ${text}`, zh: `标准输入：${text}` },
      {
        en: "`menshen reader emulate --help` shows the grammar",
        zh: "语法见 `menshen reader emulate --help`",
      },
    ),
  );
}

/** What an event looks like to a program and to a person. */
function described(event: ReaderEvent): readonly [machine: object, human: string] {
  switch (event.kind) {
    case "link": {
      const { online, secure, key = "" } = event.link;
      const state = !online ? "offline" : secure ? `secure ${key}` : "online";
      return [{ event: "link", ...event.link }, `LINK ${state}`];
    }
    case "led":
      return [{ event: "led", ...event.control }, ledLine(event.control)];
    case "lamp": {
      const colour = colourName(event.state.colour);
      if (event.state.blinkColour === undefined) return [{ event: "lamp", colour }, `LAMP ${colour}`];
      const blinkColour = colourName(event.state.blinkColour);
      return [{ event: "lamp", colour, blinkColour }, `LAMP ${colour} blinking ${blinkColour}`];
    }
    case "buzzer":
      return [{ event: "buzzer", ...event.control }, buzzerLine(event.control)];
    case "text": {
      const text = Buffer.from(event.text.text).toString("latin1");
      return [{ event: "text", ...event.text, text }, textLine(event.text)];
    }
    case "out":
      return [{ event: "out", ...event.control }, outputLine(event.control)];
    case "output": {
      const { output, on } = event;
      return [{ event: "output", output, on }, `OUTPUT ${output} ${on ? "on" : "off"}`];
    }
    case "key-set":
      return [{ event: "keyset" }, "KEYSET"];
    case "comset": {
      const { address, baudRate } = event.line;
      return [{ event: "comset", address, baudRate }, `COMSET address=${address} baud=${baudRate}`];
    }
  }
}
