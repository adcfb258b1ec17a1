import { type AccessEvent, parseEvent } from "./event.ts";

/** Exports of other systems whose columns are known. */
export const CSV_FORMS = ["plain", "controller-zh", "cardholder-history"] as const;
export type CsvForm = (typeof CSV_FORMS)[number];

interface Columns {
  readonly at: readonly string[];
  readonly receivedAt: readonly string[];
  readonly accessPoint: readonly string[];
  readonly gate: readonly string[];
  readonly credential: readonly string[];
  readonly kind: readonly string[];
  readonly sequence: readonly string[];
  readonly counter: readonly string[];
  readonly result: readonly string[];
}

/** Names that columns have, in lower case. */
const COLUMNS: Readonly<Record<CsvForm, Columns>> = {
  plain: {
    at: ["at", "time", "timestamp", "date time"],
    receivedAt: ["receivedat", "received at", "received"],
    accessPoint: ["accesspoint", "access point", "door", "reader"],
    gate: ["gate", "controller", "panel"],
    credential: ["credential", "card", "card number", "badge"],
    kind: ["kind", "technology"],
    sequence: ["sequence", "record", "record number"],
    counter: ["counter"],
    result: ["result", "event", "status"],
  },
  "controller-zh": {
    at: ["时间", "刷卡时间", "事件时间", "日期时间"],
    receivedAt: ["上传时间", "接收时间"],
    accessPoint: ["读卡器", "门点", "门", "地点"],
    gate: ["控制器", "设备"],
    credential: ["卡号", "卡片编号"],
    kind: ["卡类型"],
    sequence: ["记录号", "流水号", "序号"],
    counter: ["计数"],
    result: ["事件", "结果", "状态", "事件类型"],
  },
  "cardholder-history": {
    at: ["event time", "date/time", "time of event", "transaction time"],
    receivedAt: ["host time", "time received", "processed time"],
    accessPoint: ["reader name", "device name", "door name"],
    gate: ["controller name", "panel name", "site"],
    credential: ["card number", "badge id", "encoded number", "card no"],
    kind: ["card format", "badge type"],
    sequence: ["serial number", "event serial", "event id"],
    counter: [],
    result: ["event type", "event description", "transaction"],
  },
};

const GRANTED = /grant|allow|valid access|success|open|成功|允许|合法|开门|正常/i;
const REFUSED = /den[iy]|refus|invalid|reject|unknown|not |失败|拒绝|非法|无权|未/i;
const UNKNOWN = /unknown|not found|unregistered|未注册|未登记|无效卡/i;

export type CsvLine =
  | { readonly ok: true; readonly event: AccessEvent }
  | { readonly ok: false; readonly column: string };

export interface CsvReader {
  /** One row below the header; `column` names what could not be read. Never throws. */
  read(line: string): CsvLine;
}

export type CsvHeader =
  | { readonly ok: true; readonly reader: CsvReader; readonly form: CsvForm }
  | { readonly ok: false; readonly missing: readonly string[] };

/**
 * Reads the header of a CSV export (RFC 4180; comma, semicolon or tab) and answers with a reader for its rows. Times
 * without a zone are of `utcOffsetMinutes`. Without a column for the controller, each door is its own gate.
 */
export function readCsvHeader(line: string, utcOffsetMinutes: number): CsvHeader {
  const separator = [",", ";", "\t"].find((one) => splitRow(line, one).length > 2) ?? ",";
  const names = splitRow(line.replace(/^\uFEFF/, ""), separator).map((name) => name.trim().toLowerCase());
  let best: { form: CsvForm; missing: string[] } | undefined;
  for (const form of CSV_FORMS) {
    const columns = COLUMNS[form];
    const missing = (["at", "accessPoint", "credential", "result"] as const).filter(
      (field) => !columns[field].some((name) => names.includes(name)),
    );
    if (best === undefined || missing.length < best.missing.length) best = { form, missing };
  }
  if (best === undefined || best.missing.length > 0) return { ok: false, missing: best?.missing ?? [] };
  const { form } = best;
  const place = (list: readonly string[]) => names.findIndex((name) => list.includes(name));
  const columns = COLUMNS[form];
  const places = {
    at: place(columns.at),
    receivedAt: place(columns.receivedAt),
    accessPoint: place(columns.accessPoint),
    gate: place(columns.gate),
    credential: place(columns.credential),
    kind: place(columns.kind),
    sequence: place(columns.sequence),
    counter: place(columns.counter),
    result: place(columns.result),
  };
  return {
    ok: true,
    form,
    reader: { read: (row) => readRow(splitRow(row, separator), places, utcOffsetMinutes) },
  };
}

function readRow(
  cells: readonly string[],
  places: Readonly<Record<keyof Columns, number>>,
  utcOffsetMinutes: number,
): CsvLine {
  const cell = (field: keyof Columns) => cells[places[field]]?.trim() ?? "";
  const at = readTime(cell("at"), utcOffsetMinutes);
  const receivedAt = readTime(cell("receivedAt"), utcOffsetMinutes);
  const result = cell("result");
  const isRefused = REFUSED.test(result);
  if (at === undefined) return { ok: false, column: "at" };
  if (!isRefused && !GRANTED.test(result)) return { ok: false, column: "result" };
  const number = (text: string) => (/^\d{1,15}$/.test(text) ? Number(text) : undefined);
  const sequence = number(cell("sequence"));
  const counter = number(cell("counter"));
  const parsed = parseEvent({
    at,
    gate: cell("gate") || cell("accessPoint"),
    accessPoint: cell("accessPoint"),
    credential: cell("credential"),
    kind: cell("kind") || "uid",
    result: isRefused ? "refused" : "granted",
    ...(isRefused ? { failure: UNKNOWN.test(result) ? "unknown" : "other" } : {}),
    ...(receivedAt === undefined ? {} : { receivedAt }),
    ...(sequence === undefined ? {} : { sequence }),
    ...(counter === undefined ? {} : { counter }),
  });
  if (!parsed.ok) return { ok: false, column: parsed.fault.field };
  return "report" in parsed.input ? { ok: false, column: "" } : { ok: true, event: parsed.input };
}

/** `2026-03-02 08:15:30`, with `T`, `/`, fractions or a zone; or Unix milliseconds. */
function readTime(text: string, utcOffsetMinutes: number): number | undefined {
  if (/^\d{12,13}$/.test(text)) return Number(text);
  const match =
    /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3})\d*)?)? ?(Z|[+-]\d{2}:?\d{2})?$/.exec(
      text,
    );
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second = "0", fraction = "0", zone] = match;
  const fields = [
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  ] as const;
  const asUtc = Date.UTC(...fields, Number(fraction.padEnd(3, "0")));
  const back = new Date(asUtc);
  // 31 February is no day.
  if (back.getUTCMonth() !== fields[1] || back.getUTCDate() !== fields[2] || fields[3] > 23) return undefined;
  return asUtc - (zone === undefined ? utcOffsetMinutes : zoneMinutes(zone)) * 60_000;
}

function zoneMinutes(zone: string): number {
  if (zone === "Z") return 0;
  const digits = zone.replace(":", "");
  const minutes = Number(digits.slice(1, 3)) * 60 + Number(digits.slice(3, 5));
  return zone.startsWith("-") ? -minutes : minutes;
}

/** RFC 4180 §2: cells in quotes may hold separators and doubled quotes; not line breaks, which one line cannot have. */
function splitRow(line: string, separator: string): string[] {
  const cells: string[] = [];
  let cell = "";
  let isQuoted = false;
  for (let index = 0; index < line.length; index++) {
    const character = line[index] ?? "";
    if (isQuoted) {
      if (character !== '"') cell += character;
      else if (line[index + 1] === '"') {
        cell += '"';
        index++;
      } else isQuoted = false;
    } else if (character === '"' && cell === "") isQuoted = true;
    else if (character === separator) {
      cells.push(cell);
      cell = "";
    } else if (character !== "\r") cell += character;
  }
  cells.push(cell);
  return cells;
}
