import type { CredentialColumns } from "./document.ts";

export const KEY_BYTES = 16;
const DATES_BYTES = 32;

/** One credential of a snapshot, out of its columns. Open ends are infinite. */
export interface CredentialRow {
  readonly key: Uint8Array;
  readonly profile: number;
  readonly traits: number;
  /** From and until of the credential, from and until of the residency. */
  readonly dates: readonly [number, number, number, number];
}

export const NO_DATES: CredentialRow["dates"] = [
  Number.NEGATIVE_INFINITY,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.POSITIVE_INFINITY,
];

/** Packs rows, which must rise by key, into columns. */
export function packRows(rows: readonly CredentialRow[]): CredentialColumns {
  const keys = new Uint8Array(rows.length * KEY_BYTES);
  const profiles = new DataView(new ArrayBuffer(rows.length * 4));
  const traits = new DataView(new ArrayBuffer(rows.length * 2));
  const dated = rows.flatMap((row, index) => (isDated(row) ? [index] : []));
  const datedRows = new DataView(new ArrayBuffer(dated.length * 4));
  const dates = new DataView(new ArrayBuffer(dated.length * DATES_BYTES));
  for (const [index, row] of rows.entries()) {
    keys.set(row.key, index * KEY_BYTES);
    profiles.setUint32(index * 4, row.profile);
    traits.setUint16(index * 2, row.traits);
  }
  for (const [position, index] of dated.entries()) {
    datedRows.setUint32(position * 4, index);
    for (const [part, value] of (rows[index]?.dates ?? NO_DATES).entries()) {
      dates.setFloat64(position * DATES_BYTES + part * 8, value);
    }
  }
  const bytesOf = (view: DataView) => new Uint8Array(view.buffer);
  return {
    count: rows.length,
    keys,
    profiles: bytesOf(profiles),
    traits: bytesOf(traits),
    datedRows: bytesOf(datedRows),
    dates: bytesOf(dates),
  };
}

/** Unpacks columns that were checked by `readColumns`. */
export function unpackRows(columns: CredentialColumns): CredentialRow[] {
  const profiles = viewOf(columns.profiles);
  const traits = viewOf(columns.traits);
  const datedRows = viewOf(columns.datedRows);
  const dates = viewOf(columns.dates);
  const rows: CredentialRow[] = [];
  let position = 0;
  for (let index = 0; index < columns.count; index++) {
    const isNext = position * 4 < columns.datedRows.length && datedRows.getUint32(position * 4) === index;
    rows.push({
      key: columns.keys.subarray(index * KEY_BYTES, (index + 1) * KEY_BYTES),
      profile: profiles.getUint32(index * 4),
      traits: traits.getUint16(index * 2),
      dates: isNext ? datesAt(dates, position) : NO_DATES,
    });
    if (isNext) position += 1;
  }
  return rows;
}

/** The four dates at a position of the dates column. */
export function datesAt(dates: DataView, position: number): CredentialRow["dates"] {
  const at = position * DATES_BYTES;
  return [
    dates.getFloat64(at),
    dates.getFloat64(at + 8),
    dates.getFloat64(at + 16),
    dates.getFloat64(at + 24),
  ];
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Order of two keys, byte by byte. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function isDated(row: CredentialRow): boolean {
  return row.dates.some((value) => Number.isFinite(value));
}
