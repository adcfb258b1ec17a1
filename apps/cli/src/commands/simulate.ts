import { writeFileSync } from "node:fs";
import { lifeStatistics, simulateCommunity } from "@menshen/virtual-devices";
import { CliError, EXIT, type ExitCode } from "../command-line/cli-error.ts";
import type { Call, Command, OptionSpec } from "../command-line/command.ts";

const number = (help: OptionSpec["help"]): OptionSpec => ({ type: "string", placeholder: "N", help });

export const simulateCommand: Command = {
  path: ["simulate"],
  summary: {
    en: "print the door records of a simulated community, some of its cards copied",
    zh: "输出一个模拟小区的门禁记录，其中部分卡已被复制",
  },
  positionals: [],
  options: {
    seed: {
      type: "string",
      placeholder: "TEXT",
      help: { en: "another seed, another community (1)", zh: "随机种子（1）" },
    },
    cards: number({ en: "cards, 1 to 20000 (200)", zh: "卡片数，1 至 20000（200）" }),
    days: number({ en: "days, 1 to 365 (60)", zh: "天数，1 至 365（60）" }),
    "doors-to": {
      type: "string",
      placeholder: "FILE",
      help: { en: "write the doors file there", zh: "将门文件写入此处" },
    },
    "truth-to": {
      type: "string",
      placeholder: "FILE",
      help: {
        en: "write there which cards were copied, and under which pseudonyms they stand",
        zh: "将真实情况写入此处",
      },
    },
    statistics: {
      type: "boolean",
      help: {
        en: "print how this community lives, in figures that surveys publish too, in place of records",
        zh: "不输出记录，改为输出这个小区的作息统计，可与公开调查对照",
      },
    },
  },
  details: {
    en: "Events come as NDJSON in the order of arrival, in the form of docs/detect.md.\n\nExample: menshen simulate --doors-to doors.json > events.ndjson",
    zh: "记录按到达先后以 NDJSON 输出，格式见 docs/detect.md。\n\n示例：menshen simulate --doors-to doors.json > events.ndjson",
  },
  run: simulate,
};

async function simulate(call: Call): Promise<ExitCode> {
  const cards = whole(call, "cards", 200, 20_000);
  const days = whole(call, "days", 60, 365);
  const community = simulateCommunity({ seed: call.option("seed") ?? "1", cards, days });
  if (call.flag("statistics")) {
    const statistics = lifeStatistics(community);
    call.output.say(statistics, JSON.stringify(statistics, rounded, 1));
    return EXIT.ok;
  }
  const { doors, events, reports, truth } = community;
  const doorsFile = call.option("doors-to");
  if (doorsFile !== undefined) writeFileSync(doorsFile, `${JSON.stringify(doors, undefined, 1)}\n`);
  const truthFile = call.option("truth-to");
  if (truthFile !== undefined) {
    const attacks = truth.attacks.map(({ attack, card, kind, firstDay }) => ({
      attack,
      kind,
      firstDay,
      credentials: truth.pseudonyms.map((names) => names[card] ?? ""),
    }));
    writeFileSync(truthFile, `${JSON.stringify({ attacks }, undefined, 1)}\n`);
  }
  const waiting = reports.toSorted((a, b) => a.at - b.at);
  for (const event of events) {
    if (call.stop.aborted) break;
    while (waiting[0] !== undefined && waiting[0].at <= event.receivedAt) print(call, waiting.shift() ?? {});
    print(call, event);
  }
  return EXIT.ok;
}

function rounded(_name: string, value: unknown): unknown {
  return typeof value === "number" ? Number(value.toFixed(3)) : value;
}

function print(call: Call, value: object): void {
  call.output.say(value, JSON.stringify(value));
}

function whole(call: Call, name: string, fallback: number, most: number): number {
  const text = call.option(name);
  if (text === undefined) return fallback;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new CliError("usage", {
    en: `\`--${name}\`: expected a whole number from 1 to ${most}, came \`${text}\``,
    zh: `\`--${name}\`：应为 1 至 ${most} 的整数，收到 \`${text}\``,
  });
}
