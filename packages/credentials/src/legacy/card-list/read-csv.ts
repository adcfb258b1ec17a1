import {
  MAX_CELL_LENGTH,
  MAX_LIST_BYTES,
  MAX_LIST_COLUMNS,
  MAX_LIST_ROWS,
  unreadableList,
} from "./card-list-error.ts";

const SEPARATORS = [",", ";", "\t"] as const;

/**
 * Rows of a CSV file (RFC 4180), as spreadsheets write it: UTF-8 with or without a mark, or GB 18030; comma, semicolon or
 * tab, whichever the first line has most of.
 *
 * @throws {CredentialError} `malformed` for a quote that is never closed, or one in the middle of a cell; for more than
 *   32 MiB, 200,000 rows, 256 columns or 32,767 signs in a cell
 */
export function readCsv(bytes: Uint8Array): readonly (readonly string[])[] {
  if (bytes.length > MAX_LIST_BYTES) throw unreadableList(`expected at most ${MAX_LIST_BYTES} bytes`);
  const text = decodeText(bytes);
  const separator = separatorOf(text);
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length) {
    const { cell, next } = text[at] === '"' ? quotedCell(text, at) : bareCell(text, at, separator);
    if (cell.length > MAX_CELL_LENGTH)
      throw unreadableList(`expected cells of at most ${MAX_CELL_LENGTH} signs`);
    row.push(cell);
    if (row.length > MAX_LIST_COLUMNS) throw unreadableList(`expected at most ${MAX_LIST_COLUMNS} columns`);
    const sign = text[next];
    at = next + 1;
    if (sign === separator) {
      if (at === text.length) row.push("");
      continue;
    }
    if (sign === "\r" && text[at] === "\n") at += 1;
    else if (sign !== undefined && sign !== "\n" && sign !== "\r") {
      throw unreadableList("expected a separator or a new line behind a quoted cell");
    }
    rows.push(row);
    if (rows.length > MAX_LIST_ROWS) throw unreadableList(`expected at most ${MAX_LIST_ROWS} rows`);
    row = [];
  }
  if (row.length > 0) rows.push(row);
  return rows;
}

/** Chinese spreadsheets write GB 18030 unless told otherwise; its bytes are hardly ever valid UTF-8. */
function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("gb18030").decode(bytes);
  }
}

function separatorOf(text: string): string {
  const end = text.search(/[\r\n]/);
  const first = end < 0 ? text : text.slice(0, end);
  const counts = SEPARATORS.map((separator) => first.split(separator).length);
  return SEPARATORS[counts.indexOf(Math.max(...counts))] ?? ",";
}

function bareCell(text: string, start: number, separator: string) {
  let next = start;
  while (next < text.length && text[next] !== separator && text[next] !== "\n" && text[next] !== "\r") {
    if (text[next] === '"') throw unreadableList("expected a quote only around a whole cell");
    next += 1;
  }
  return { cell: text.slice(start, next), next };
}

function quotedCell(text: string, start: number) {
  let cell = "";
  let at = start + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) throw unreadableList("expected a quoted cell to end");
    cell += text.slice(at, quote);
    if (text[quote + 1] !== '"') return { cell, next: quote + 1 };
    cell += '"';
    at = quote + 2;
  }
}
