import { isRandomUid } from "../../card/identify-card.ts";
import { MAX_LIST_ROWS, unreadableList } from "./card-list-error.ts";
import { readCsv } from "./read-csv.ts";
import { readXlsx, type SheetCell } from "./read-xlsx.ts";

/** How a list writes card numbers. */
export interface NumberForm {
  readonly digits: "hex" | "decimal";
  /** `as-shown`: the first byte on the card's air interface comes first, or is the most significant. */
  readonly byteOrder: "as-shown" | "reversed";
}

/** What is odd about a row; those of the first group stop it. */
export type CardListFinding =
  | { readonly code: "no-number" }
  | { readonly code: "not-a-number" }
  | { readonly code: "wrong-length" }
  /** The spreadsheet keeps 15 digits of a number: the last ones are gone. Export the column as text. */
  | { readonly code: "digits-lost" }
  /** `1.23E+09`: a spreadsheet rounded it. */
  | { readonly code: "scientific-notation" }
  /** A random number that the card draws anew each time. */
  | { readonly code: "random-number" }
  | { readonly code: "duplicate"; readonly ofLine: number }
  /** Not a card's number as ISO/IEC 14443-3 has them: perhaps the other byte order. Does not stop the row. */
  | { readonly code: "unusual-number" };

export interface CardListRow {
  /** As in the file, the first being 1. */
  readonly line: number;
  /** 4, 7 or 10 bytes in the order of the air interface; absent when a finding stops the row. */
  readonly uid?: Uint8Array;
  /** All cells, for the columns that name holder and dwelling. */
  readonly cells: readonly string[];
  readonly findings: readonly CardListFinding[];
}

/** A list before anything is enrolled from it. */
export interface CardListPreview {
  readonly header: readonly string[];
  readonly column: number;
  readonly form: NumberForm;
  /** Nothing in the list tells hexadecimal from decimal, or one byte order from the other: a person must say. */
  readonly ambiguous: { readonly digits: boolean; readonly byteOrder: boolean };
  readonly rows: readonly CardListRow[];
}

export interface CardListChoices {
  /** Column of the card numbers, from 0; found by its heading or its contents unless told. */
  readonly column?: number;
  readonly digits?: NumberForm["digits"];
  readonly byteOrder?: NumberForm["byteOrder"];
}

/** XLSX and every other archive begin so. */
const ARCHIVE = [0x50, 0x4b];
/** Compound File Binary (MS-CFB §2.2): spreadsheets of before 2007, and all that have a password. */
const COMPOUND_FILE = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
const HEADINGS = /card|uid|卡号|卡片|物理|内码|csn|number|编号/i;
const UID_LENGTHS: readonly number[] = [4, 7, 10];
/** Digits that a spreadsheet's number keeps. */
const EXACT_DIGITS = 15;
const SEPARATORS = /[\s:.-]/g;
/** ISO/IEC 14443-3 §6.5.4: a cascade tag, never the first byte of a number. */
const CASCADE_TAG = 0x88;
/** NXP, Fudan, Infineon, ST: makers of chips with seven bytes (ISO/IEC 7816-6 register). */
const MAKERS: readonly number[] = [0x04, 0x1d, 0x05, 0x02];

/**
 * Reads an existing list of cards, CSV or XLSX, and says for each row what would be enrolled and what is odd.
 *
 * @throws {CredentialError} `malformed` for a file that is neither, or holds no rows; `bad-argument` never: choices that
 *   fit no column make rows with findings
 */
export async function parseCardList(
  bytes: Uint8Array,
  choices: CardListChoices = {},
): Promise<CardListPreview> {
  const begins = (signature: readonly number[]) => signature.every((byte, index) => bytes[index] === byte);
  if (begins(COMPOUND_FILE)) throw unreadableList("expected .xlsx without a password, not .xls");
  const table: readonly (readonly SheetCell[])[] = begins(ARCHIVE)
    ? await readXlsx(bytes)
    : readCsv(bytes).map((row) => row.map((text) => ({ text, isNumber: false })));
  const numbered = table
    .map((cells, index) => ({ line: index + 1, cells }))
    .filter(({ cells }) => cells.some(({ text }) => text.trim() !== ""));
  if (numbered.length === 0 || numbered.length > MAX_LIST_ROWS)
    throw unreadableList("expected a list with rows");
  const [first] = numbered;
  const hasHeader = first?.cells.every(({ text }) => !looksLikeNumber(text)) === true;
  const header = hasHeader ? first.cells.map(({ text }) => text.trim()) : [];
  const body = hasHeader ? numbered.slice(1) : numbered;
  const column =
    choices.column ??
    columnOfNumbers(
      header,
      body.map(({ cells }) => cells),
    );
  const texts = body.map(({ cells }) => cells[column]?.text ?? "");
  const guess = guessForm(texts);
  const form: NumberForm = {
    digits: choices.digits ?? guess.form.digits,
    byteOrder: choices.byteOrder ?? guess.form.byteOrder,
  };
  const seen = new Map<string, number>();
  const rows = body.map(({ line, cells }): CardListRow => {
    const texts = cells.map(({ text }) => text.trim());
    const read = readNumber(cells[column] ?? { text: "", isNumber: false }, form);
    if ("finding" in read) return { line, cells: texts, findings: [read.finding] };
    const name = String(read.uid);
    const earlier = seen.get(name);
    if (earlier !== undefined)
      return { line, cells: texts, findings: [{ code: "duplicate", ofLine: earlier }] };
    seen.set(name, line);
    const findings: CardListFinding[] = isUnusual(read.uid) ? [{ code: "unusual-number" }] : [];
    return { line, uid: read.uid, cells: texts, findings };
  });
  return {
    header,
    column,
    form,
    ambiguous: {
      digits: choices.digits === undefined && guess.ambiguous.digits,
      byteOrder: choices.byteOrder === undefined && guess.ambiguous.byteOrder,
    },
    rows,
  };
}

/**
 * In which forms a list's text means the card that lies on a reader: one known card settles what the list cannot tell.
 *
 * @param uid as the reader tells it, in the order of the air interface
 */
export function formsOfKnownCard(text: string, uid: Uint8Array): readonly NumberForm[] {
  const forms: readonly NumberForm[] = [
    { digits: "hex", byteOrder: "as-shown" },
    { digits: "hex", byteOrder: "reversed" },
    { digits: "decimal", byteOrder: "as-shown" },
    { digits: "decimal", byteOrder: "reversed" },
  ];
  return forms.filter((form) => {
    const read = readNumber({ text, isNumber: false }, form);
    return (
      "uid" in read && read.uid.length === uid.length && read.uid.every((byte, index) => byte === uid[index])
    );
  });
}

type ReadNumber = { readonly uid: Uint8Array } | { readonly finding: CardListFinding };

function readNumber({ text, isNumber }: SheetCell, { digits, byteOrder }: NumberForm): ReadNumber {
  const bare = text
    .trim()
    .replace(/^'|^0x/i, "")
    .replaceAll(SEPARATORS, "");
  if (bare === "") return { finding: { code: "no-number" } };
  if (/^\d(\.\d+)?e\+?\d+$/i.test(text.trim()) && (isNumber || text.includes("+"))) {
    return { finding: { code: "scientific-notation" } };
  }
  const bytes = digits === "hex" ? hexBytes(bare) : decimalBytes(bare);
  if (bytes === undefined) return { finding: { code: "not-a-number" } };
  if (isNumber && bare.length > EXACT_DIGITS) return { finding: { code: "digits-lost" } };
  if (!UID_LENGTHS.includes(bytes.length)) return { finding: { code: "wrong-length" } };
  const uid = byteOrder === "reversed" ? bytes.toReversed() : bytes;
  return isRandomUid(uid) ? { finding: { code: "random-number" } } : { uid };
}

function hexBytes(digits: string): Uint8Array | undefined {
  if (!/^[0-9a-f]+$/i.test(digits) || digits.length > 20) return undefined;
  // A leading zero is the first thing that a spreadsheet takes away.
  const even = digits.length % 2 === 0 ? digits : `0${digits}`;
  return Uint8Array.from(even.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** Decimal numbers have no length: up to four bytes they are four, up to seven seven. */
function decimalBytes(digits: string): Uint8Array | undefined {
  if (!/^\d{1,25}$/.test(digits)) return undefined;
  let value = BigInt(digits);
  const lengthBytes = UID_LENGTHS.find((length) => value < 1n << BigInt(8 * length));
  if (lengthBytes === undefined) return new Uint8Array();
  const bytes = new Uint8Array(lengthBytes);
  for (let at = lengthBytes - 1; at >= 0; at -= 1) {
    bytes[at] = Number(value & 0xffn);
    value >>= 8n;
  }
  return bytes;
}

function guessForm(texts: readonly string[]) {
  const numbers = texts.map((text) => text.trim().replaceAll(SEPARATORS, "")).filter(looksLikeNumber);
  const isHex = numbers.some((text) => /[a-f]/i.test(text));
  const lengthsOfHex = numbers.every((text) => [8, 14, 20].includes(text.length));
  const digits = isHex || (lengthsOfHex && numbers.length > 0) ? "hex" : "decimal";
  const count = (byteOrder: NumberForm["byteOrder"]) =>
    numbers.filter((text) => {
      const read = readNumber({ text, isNumber: false }, { digits, byteOrder });
      return "uid" in read && read.uid.length === 7 && MAKERS.includes(read.uid[0] ?? 0);
    }).length;
  const [shown, reversed] = [count("as-shown"), count("reversed")];
  return {
    form: { digits, byteOrder: reversed > shown ? "reversed" : "as-shown" } satisfies NumberForm,
    ambiguous: { digits: !isHex && lengthsOfHex, byteOrder: shown === reversed },
  } as const;
}

function columnOfNumbers(header: readonly string[], rows: readonly (readonly SheetCell[])[]): number {
  const named = header.findIndex((heading) => HEADINGS.test(heading));
  if (named >= 0) return named;
  const width = Math.max(0, ...rows.slice(0, 100).map((row) => row.length));
  const counts = Array.from(
    { length: width },
    (_, column) => rows.slice(0, 100).filter((row) => looksLikeNumber(row[column]?.text ?? "")).length,
  );
  return Math.max(0, counts.indexOf(Math.max(...counts, 0)));
}

function looksLikeNumber(text: string): boolean {
  const bare = text
    .trim()
    .replace(/^'|^0x/i, "")
    .replaceAll(SEPARATORS, "");
  if (bare.length < 6 || !/^[0-9a-f]+$/i.test(bare)) return false;
  // Words of six letters up to F exist, of eight hardly.
  return /\d/.test(bare) || UID_LENGTHS.includes(bare.length / 2);
}

function isUnusual(uid: Uint8Array): boolean {
  const [first = 0] = uid;
  if (first === CASCADE_TAG) return true;
  return uid.length === 7 ? !MAKERS.includes(first) : first === 0;
}
