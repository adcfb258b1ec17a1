import { createReadStream, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import {
  type Case,
  type CsvReader,
  type DetectionInput,
  type Detector,
  type DoorMap,
  type GateNotice,
  MAX_LINE_CHARACTERS,
  makeDetector,
  parseDoors,
  parseEventLine,
  RULE_TEXTS,
  readCsvHeader,
} from "@menshen/detection";
import { CliError, EXIT, type ExitCode } from "../command-line/cli-error.ts";
import type { Call, Command } from "../command-line/command.ts";

const FAULTS_TOLD = 10;

export const detectCommand: Command = {
  path: ["detect"],
  summary: {
    en: "find copied credentials in the records of doors, of this system or another",
    zh: "在门禁记录中查找被复制的凭证（本系统或其他系统的记录）",
  },
  positionals: [
    {
      name: "EVENTS",
      help: {
        en: "events as NDJSON or CSV, `-` for standard input",
        zh: "NDJSON 或 CSV 记录文件，`-` 为标准输入",
      },
    },
  ],
  options: {
    doors: {
      type: "string",
      placeholder: "FILE",
      help: {
        en: "doors, walks and gates (docs/detect.md); required",
        zh: "门、步行时间与控制器（docs/detect.md）；必填",
      },
    },
    csv: { type: "boolean", help: { en: "the events are CSV whatever the name says", zh: "按 CSV 读取" } },
    "late-hours": {
      type: "string",
      placeholder: "N",
      help: { en: "how late an event may come (26)", zh: "记录最多迟到的小时数（26）" },
    },
  },
  details: {
    en: [
      "Cases come out as NDJSON, one object a line, in the order of the events; the last line is a summary.",
      "What needs no waiting is told when its record arrives, marked `early`; its case follows in order.",
      "Memory stays bounded: 128 bytes a credential, and the events of the last hours.",
      "Nothing is blocked: each case proposes a step (watch, ask, second-factor, replace, refuse-by-person).",
      "",
      "Example: menshen detect --doors doors.json events.ndjson",
    ].join("\n"),
    zh: [
      "疑似情况以 NDJSON 输出，每行一个对象，按事件先后排列；最后一行为汇总。",
      "无需等待即可判断的，在记录到达时先行输出并标明 `early`，之后仍按先后顺序再输出一次。",
      "内存占用有上限：每个凭证 128 字节，另加最近数小时的记录。",
      "不会自动停用任何凭证：每个情况只提出建议步骤。",
      "",
      "示例：menshen detect --doors doors.json events.ndjson",
    ].join("\n"),
  },
  run: detect,
};

async function detect(call: Call): Promise<ExitCode> {
  const [file = ""] = call.positionals;
  const doors = readDoors(call.option("doors"));
  const lateHours = readHours(call.option("late-hours"));
  const detector = makeDetector({
    doors,
    ...(lateHours === undefined ? {} : { settings: { lateHours } }),
    onCase: (found) => say(call, { ...found, signs: found.signs.map(explained) }),
    onEarly: (found) => say(call, { early: true, ...found, signs: found.signs.map(explained) }),
    onNotice: (notice: GateNotice) => say(call, notice),
  });
  const faults = await readEvents(call, file, doors, detector);
  detector.finish();
  say(call, {
    summary: { ...detector.counts, ...faults.counts, credentials: detector.credentials },
    gates: detector.gateStates().filter(({ jumps, outOfOrder }) => jumps + outOfOrder > 0),
    faults: faults.first,
  });
  return EXIT.ok;
}

function say(call: Call, value: object): void {
  call.output.say(value, JSON.stringify(value));
}

function explained(sign: Case["signs"][number]) {
  return { ...sign, text: RULE_TEXTS[sign.rule] };
}

function readDoors(file: string | undefined): DoorMap {
  if (file === undefined) {
    throw new CliError("usage", { en: "option `--doors` is required", zh: "必须给出选项 `--doors`" });
  }
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new CliError(
      "config",
      { en: `\`${file}\` cannot be read as JSON`, zh: `\`${file}\` 无法按 JSON 读取` },
      undefined,
      { cause },
    );
  }
  const parsed = parseDoors(value);
  if (parsed.ok) return parsed.doors;
  const faults = parsed.faults.map(({ at, expected }) => `${at}: ${expected}`).join("; ");
  throw new CliError(
    "config",
    { en: `\`${file}\` is no doors file: expected ${faults}`, zh: `\`${file}\` 不是门文件：应为 ${faults}` },
    { en: "see docs/detect.md for its form", zh: "格式见 docs/detect.md" },
  );
}

function readHours(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const hours = Number(text);
  if (text.trim() !== "" && hours >= 0 && hours <= 744) return hours;
  throw new CliError("usage", {
    en: `\`--late-hours\`: expected 0 to 744, came \`${text}\``,
    zh: `\`--late-hours\`：应为 0 至 744，收到 \`${text}\``,
  });
}

interface Faults {
  readonly counts: { lines: number; faultyLines: number };
  readonly first: { readonly line: number; readonly code: string; readonly field: string }[];
}

async function readEvents(call: Call, file: string, doors: DoorMap, detector: Detector): Promise<Faults> {
  const faults: Faults = { counts: { lines: 0, faultyLines: 0 }, first: [] };
  const input = file === "-" ? process.stdin : createReadStream(file, { encoding: "utf8" });
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  let csv: CsvReader | undefined;
  const isCsv = call.flag("csv") || file.toLowerCase().endsWith(".csv");
  try {
    for await (const line of lines) {
      if (call.stop.aborted) break;
      faults.counts.lines++;
      if (line.trim() === "") continue;
      if (isCsv && csv === undefined) {
        csv = readHeader(line, doors);
        continue;
      }
      const read = csv === undefined ? fromJson(line) : fromCsv(csv, line);
      if (read.ok) {
        detector.take(read.input);
        continue;
      }
      faults.counts.faultyLines++;
      if (faults.first.length < FAULTS_TOLD) {
        faults.first.push({ line: faults.counts.lines, code: read.code, field: read.field });
      }
    }
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    throw new CliError(
      "usage",
      { en: `file \`${file}\` cannot be read`, zh: `文件 \`${file}\` 无法读取` },
      undefined,
      { cause },
    );
  } finally {
    lines.close();
  }
  return faults;
}

function readHeader(line: string, doors: DoorMap): CsvReader {
  const header = readCsvHeader(line, doors.utcOffsetMinutes);
  if (header.ok) return header.reader;
  const missing = header.missing.join(", ");
  throw new CliError(
    "config",
    { en: `the CSV has no column for ${missing}`, zh: `CSV 缺少以下列：${missing}` },
    { en: "see docs/detect.md for the names of columns", zh: "列名见 docs/detect.md" },
  );
}

type Read =
  | { readonly ok: true; readonly input: DetectionInput }
  | { readonly ok: false; readonly code: string; readonly field: string };

function fromJson(line: string): Read {
  const parsed = parseEventLine(line);
  return parsed.ok ? parsed : { ok: false, ...parsed.fault };
}

function fromCsv(reader: CsvReader, line: string): Read {
  if (line.length > MAX_LINE_CHARACTERS) return { ok: false, code: "too-long", field: "" };
  const read = reader.read(line);
  return read.ok ? { ok: true, input: read.event } : { ok: false, code: "invalid-field", field: read.column };
}
