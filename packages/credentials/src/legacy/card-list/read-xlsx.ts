import { MAX_CELL_LENGTH, MAX_LIST_COLUMNS, MAX_LIST_ROWS, unreadableList } from "./card-list-error.ts";
import { openZip } from "./read-zip.ts";
import { readXml, type XmlEvent } from "./xml-events.ts";

/** A cell as the sheet has it: a number was typed in as one and may have lost digits. */
export interface SheetCell {
  readonly text: string;
  readonly isNumber: boolean;
}

const FIRST_SHEET = "xl/worksheets/sheet1.xml";
const SHARED_STRINGS = "xl/sharedStrings.xml";
const EMPTY: SheetCell = { text: "", isNumber: false };

/**
 * Rows of the first sheet of an XLSX (ECMA-376 part 1 §18.3). Formulas count with their last result; formats are not
 * applied.
 *
 * @throws {CredentialError} `malformed` for anything that is no such file, or too large
 */
export async function readXlsx(bytes: Uint8Array): Promise<readonly (readonly SheetCell[])[]> {
  const archive = openZip(bytes);
  const sheet = await archive.file(FIRST_SHEET);
  if (sheet === undefined) throw unreadableList("expected a spreadsheet with a first sheet");
  const strings = await archive.file(SHARED_STRINGS);
  return readSheet(
    readXml(textOf(sheet)),
    strings === undefined ? [] : readStrings(readXml(textOf(strings))),
  );
}

/** Shared strings; runs of one are put together, phonetic readings left out. */
function readStrings(events: Iterable<XmlEvent>): readonly string[] {
  const strings: string[] = [];
  let current: string | undefined;
  let inText = false;
  let phonetic = false;
  for (const event of events) {
    if (event.kind === "text") {
      if (inText && !phonetic && current !== undefined) current += event.text;
    } else if (event.name === "si") {
      if (event.kind === "open") current = "";
      else if (current !== undefined) {
        strings.push(current);
        current = undefined;
      }
    } else if (event.name === "rPh") phonetic = event.kind === "open";
    else if (event.name === "t") inText = event.kind === "open";
  }
  return strings;
}

function readSheet(
  events: Iterable<XmlEvent>,
  strings: readonly string[],
): readonly (readonly SheetCell[])[] {
  const rows: SheetCell[][] = [];
  let cell: { readonly column: number; readonly type: string; text: string } | undefined;
  let inValue = false;
  for (const event of events) {
    if (event.kind === "text") {
      if (inValue && cell !== undefined) cell.text += event.text;
      continue;
    }
    if (event.name === "v" || event.name === "t") inValue = event.kind === "open";
    else if (event.name === "row" && event.kind === "open") {
      rows.push([]);
      if (rows.length > MAX_LIST_ROWS) throw unreadableList(`expected at most ${MAX_LIST_ROWS} rows`);
    } else if (event.name === "c" && event.kind === "open") {
      const column = columnOf(event.attributes.get("r")) ?? rows.at(-1)?.length ?? 0;
      cell = { column, type: event.attributes.get("t") ?? "n", text: "" };
    } else if (event.name === "c" && cell !== undefined) {
      const row = rows.at(-1);
      if (row === undefined) throw unreadableList("expected cells in rows");
      while (row.length < cell.column) row.push(EMPTY);
      row[cell.column] = finished(cell, strings);
      cell = undefined;
    }
  }
  return rows;
}

function finished(
  { type, text }: { readonly type: string; readonly text: string },
  strings: readonly string[],
): SheetCell {
  if (text.length > MAX_CELL_LENGTH)
    throw unreadableList(`expected cells of at most ${MAX_CELL_LENGTH} signs`);
  if (type !== "s") return { text, isNumber: type === "n" && text !== "" };
  const shared = /^\d{1,9}$/.test(text) ? strings[Number(text)] : undefined;
  if (shared === undefined) throw unreadableList("expected texts that the spreadsheet has");
  return { text: shared, isNumber: false };
}

/** Column of a cell's reference: A is 0, Z 25, AA 26. */
function columnOf(reference: string | undefined): number | undefined {
  const [, letters] = /^([A-Z]{1,3})\d{1,7}$/.exec(reference ?? "") ?? [];
  if (letters === undefined) return undefined;
  let column = 0;
  for (const letter of letters) column = column * 26 + letter.charCodeAt(0) - 64;
  if (column > MAX_LIST_COLUMNS) throw unreadableList(`expected at most ${MAX_LIST_COLUMNS} columns`);
  return column - 1;
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw unreadableList("expected a spreadsheet in UTF-8", cause);
  }
}
