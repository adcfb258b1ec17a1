import { type BusEvent, makeBus, type PdCapability, type PdIdentity, type Scbk } from "@menshen/osdp";
import { CliError, EXIT, type ExitCode } from "../command-line/cli-error.ts";
import type { Call, Command } from "../command-line/command.ts";
import { padded, type Text } from "../command-line/language.ts";
import { capabilityName, identityFields, vendorText } from "../osdp/describe.ts";
import { addressOf, keyOf, LINE_OPTIONS, openLine, WHERE, wholeNumber } from "../osdp/reader-options.ts";

const DEFAULT_WAIT_SECONDS = 5;

export const readerProbeCommand: Command = {
  path: ["reader", "probe"],
  summary: {
    en: "ask an OSDP reader who it is, what it claims to do, and whether it holds the key",
    zh: "询问 OSDP 读卡器的身份、自称的功能，以及是否持有密钥",
  },
  positionals: [WHERE],
  options: {
    ...LINE_OPTIONS,
    wait: {
      type: "string",
      placeholder: "SECONDS",
      help: {
        en: `longest wait for an answer; ${DEFAULT_WAIT_SECONDS} unless told`,
        zh: `最长等待时间（秒），默认 ${DEFAULT_WAIT_SECONDS}`,
      },
    },
  },
  details: {
    en: [
      "--address 127 reaches whatever single reader is on the line.",
      "",
      "The secure channel is `established` (exit code 0), `refused` (the reader does not hold the key; exit code 1)",
      "or `not-tried` (no key was given; exit code 0). No answer at all: exit code 69.",
      "",
      "Example: menshen reader probe /dev/ttyUSB0 --address 1 --key-file gate-1.key",
    ].join("\n"),
    zh: [
      "--address 127 可找到线路上唯一的一台读卡器。",
      "",
      "安全通道状态：`established` 已建立（退出码 0）；`refused` 读卡器不持有该密钥（退出码 1）；",
      "`not-tried` 未给密钥（退出码 0）。完全无应答：退出码 69。",
      "",
      "示例：menshen reader probe /dev/ttyUSB0 --address 1 --key-file gate-1.key",
    ].join("\n"),
  },
  run: probe,
};

type ChannelState = "established" | "refused" | "not-tried";

interface Finding {
  readonly channel: ChannelState;
  readonly identity: PdIdentity | undefined;
  readonly capabilities: readonly PdCapability[];
}

async function probe(call: Call): Promise<ExitCode> {
  const [where = ""] = call.positionals;
  const address = addressOf(call, 127);
  const key = keyOf(call);
  const waitMs = (wholeNumber(call, "wait", 1, 3_600) ?? DEFAULT_WAIT_SECONDS) * 1_000;
  const found = await ask(call, where, address, key, waitMs);
  if (found === undefined) throw noAnswer(where, address);
  report(call, address, found);
  return found.channel === "refused" ? EXIT.failed : EXIT.ok;
}

async function ask(
  call: Call,
  where: string,
  address: number,
  key: Scbk | undefined,
  waitMs: number,
): Promise<Finding | undefined> {
  const transport = await openLine(call, where);
  let settle: (channel: ChannelState | undefined) => void = () => undefined;
  const outcome = new Promise<ChannelState | undefined>((resolve) => {
    settle = resolve;
  });
  const bus = makeBus({
    transport,
    pds: [{ address, security: key === undefined ? { kind: "plain" } : { kind: "secure-channel", key } }],
    onEvent(event: BusEvent) {
      if (event.kind === "online") settle(event.secure ? "established" : "not-tried");
      if (event.kind === "offline" && event.reason === "key-mismatch") settle("refused");
    },
  });
  const timer = setTimeout(() => settle(undefined), waitMs);
  call.stop.addEventListener("abort", () => settle(undefined));
  const channel = await outcome;
  clearTimeout(timer);
  const { identity, capabilities } = bus.status(address);
  await bus.stop();
  return channel === undefined ? undefined : { channel, identity, capabilities };
}

const CHANNEL_TEXT: Readonly<Record<ChannelState, Text>> = {
  established: { en: "established with the given key", zh: "已用所给密钥建立" },
  refused: { en: "REFUSED: the reader does not hold the given key", zh: "被拒绝：读卡器不持有所给密钥" },
  "not-tried": { en: "not tried: no key was given", zh: "未尝试：没有给出密钥" },
};

function report(call: Call, address: number, { channel, identity, capabilities }: Finding): void {
  const claims = capabilities
    .toSorted((a, b) => a.function - b.function)
    .map((line) => ({
      function: line.function,
      name: capabilityName(line),
      compliance: line.compliance,
      items: line.items,
    }));
  const machine = {
    address,
    secureChannel: channel,
    ...(identity === undefined ? {} : { identity: identityFields(identity) }),
    capabilities: claims,
  };
  const lines = (language: keyof Text): string => {
    const zh = language === "zh";
    const row = (name: string, value: string) => `${padded(name, 16)}${value}`;
    const rows = [row(zh ? "地址" : "address", String(address))];
    if (identity !== undefined) {
      const { model, version, serial, firmware } = identityFields(identity);
      rows.push(
        row(zh ? "厂商" : "vendor", vendorText(identity)),
        row(zh ? "型号" : "model", `${model} (${zh ? "版本" : "version"} ${version})`),
        row(zh ? "序列号" : "serial", String(serial)),
        row(zh ? "固件" : "firmware", firmware),
      );
    }
    rows.push(row(zh ? "安全通道" : "secure channel", CHANNEL_TEXT[channel][language]));
    if (claims.length > 0) {
      rows.push(zh ? "自称功能（不作为判断依据）" : "it claims (never a reason to lower security)");
      for (const claim of claims) {
        rows.push(
          `  ${String(claim.function).padStart(2)} ${claim.name.padEnd(26)} ${claim.compliance} ${claim.items}`,
        );
      }
    }
    return rows.join("\n");
  };
  call.output.say(machine, { en: lines("en"), zh: lines("zh") });
}

function noAnswer(where: string, address: number): CliError {
  return new CliError(
    "unavailable",
    {
      en: `no answer from address ${address} on \`${where}\``,
      zh: `\`${where}\` 上的地址 ${address} 没有应答`,
    },
    {
      en: "check power, A/B polarity, address and speed; one reader alone answers --address 127",
      zh: "请检查供电、A/B 极性、地址和速率；线路上只有一台读卡器时可用 --address 127",
    },
  );
}
