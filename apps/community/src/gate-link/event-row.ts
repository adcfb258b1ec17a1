import type { Instant } from "@menshen/domain";
import {
  GATE_EVENTS,
  type JournalEntry,
  PORTAL_EVENTS,
  READER_EVENTS,
  reasonNumber,
  uuidBytes,
} from "@menshen/wire";

/** Columns in the order of {@link EventRows}. */
export const EVENT_COLUMNS =
  "position, gate_id, sequence, at, received_at, kind, event, granted, reason, subject, pseudonym, entry";
const COLUMN_COUNT = 12;

/** Numbers of the column `kind`; 0 is an entry that could not be read. */
export const EVENT_KIND_NUMBERS = { access: 1, portal: 2, reader: 3, gate: 4 } as const;

/** Binary timestamps count microseconds from 2000-01-01. */
const POSTGRES_EPOCH_MS = 946_684_800_000;
/** Bytes of a row beside its entry: at most. */
const FIXED_BYTES = 2 + COLUMN_COUNT * 4 + 8 + 16 + 8 + 8 + 8 + 2 + 2 + 1 + 2 + 16 + 16;
const NULL = -1;

/** Field count and length of the first column stand before the position. */
const POSITION_OFFSET = 2 + 4;

/**
 * Rows of one batch in PostgreSQL's binary COPY form. They are written before the transaction that stores them, which
 * only fills in their positions: the time of a transaction is the time that other batches wait.
 */
export class EventRows {
  readonly #starts: number[] = [];
  #buffer: Buffer;
  #length = 0;
  /** Of the row before: a batch names few doors. */
  #subject = "";
  #subjectBytes: Uint8Array = new Uint8Array();

  constructor(entryCount: number, entryBytes: number) {
    this.#buffer = Buffer.allocUnsafe(entryCount * FIXED_BYTES + entryBytes);
  }

  get count(): number {
    return this.#starts.length;
  }

  /** Adds the row of one entry; `entry` is `undefined` for bytes that could not be read. */
  add(row: {
    readonly gateId: Uint8Array;
    readonly sequence: number;
    readonly receivedAt: Instant;
    readonly entry: JournalEntry | undefined;
    readonly bytes: Uint8Array;
  }): void {
    const { entry } = row;
    this.#starts.push(this.#length);
    this.#int16(COLUMN_COUNT);
    this.#int64(0);
    this.#bytes(row.gateId);
    this.#int64(row.sequence);
    this.#timestamp(eventTime(entry, row.receivedAt));
    this.#timestamp(row.receivedAt);
    this.#sizedInt16(entry === undefined ? 0 : EVENT_KIND_NUMBERS[entry.kind]);
    this.#facts(entry);
    this.#bytes(row.bytes);
  }

  /** The rows from the `skipped`-th on, numbered from `firstPosition`. */
  numbered(firstPosition: number, skipped: number): Buffer {
    let position = firstPosition;
    for (const start of this.#starts.slice(skipped)) {
      writeInt64(this.#buffer, position, start + POSITION_OFFSET);
      position += 1;
    }
    return this.#buffer.subarray(this.#starts[skipped] ?? this.#length, this.#length);
  }

  /** event, granted, reason, subject, pseudonym */
  #facts(entry: JournalEntry | undefined): void {
    switch (entry?.kind) {
      case undefined:
        for (let i = 0; i < 5; i++) this.#null();
        return;
      case "access": {
        const { granted, reasons, accessPointId, pseudonym } = entry.body;
        this.#null();
        this.#bool(granted);
        this.#optionalInt16(reasons[0] === undefined ? undefined : reasonNumber(reasons[0].code));
        this.#id(accessPointId);
        if (pseudonym === undefined) this.#null();
        else this.#bytes(pseudonym);
        return;
      }
      case "portal":
        this.#deviceFacts(PORTAL_EVENTS.indexOf(entry.body.event), entry.body.portalId);
        return;
      case "reader":
        this.#deviceFacts(READER_EVENTS.indexOf(entry.body.event), entry.body.readerId);
        return;
      case "gate":
        this.#deviceFacts(GATE_EVENTS.indexOf(entry.body.event), undefined);
        return;
    }
  }

  #deviceFacts(event: number, subject: string | undefined): void {
    this.#sizedInt16(event);
    this.#null();
    this.#null();
    if (subject === undefined) this.#null();
    else this.#id(subject);
    this.#null();
  }

  #id(subject: string): void {
    if (subject !== this.#subject) {
      this.#subject = subject;
      this.#subjectBytes = uuidBytes(subject);
    }
    this.#bytes(this.#subjectBytes);
  }

  #null(): void {
    this.#length = this.#buffer.writeInt32BE(NULL, this.#length);
  }

  #int16(value: number): void {
    this.#length = this.#buffer.writeInt16BE(value, this.#length);
  }

  #sizedInt16(value: number): void {
    this.#length = this.#buffer.writeInt32BE(2, this.#length);
    this.#int16(value);
  }

  #optionalInt16(value: number | undefined): void {
    if (value === undefined) this.#null();
    else this.#sizedInt16(value);
  }

  #bool(value: boolean): void {
    this.#length = this.#buffer.writeInt32BE(1, this.#length);
    this.#length = this.#buffer.writeInt8(value ? 1 : 0, this.#length);
  }

  #int64(value: number): void {
    this.#length = this.#buffer.writeInt32BE(8, this.#length);
    this.#length = writeInt64(this.#buffer, value, this.#length);
  }

  #timestamp(at: number): void {
    this.#int64((at - POSTGRES_EPOCH_MS) * 1_000);
  }

  #bytes(value: Uint8Array): void {
    this.#length = this.#buffer.writeInt32BE(value.length, this.#length);
    this.#buffer.set(value, this.#length);
    this.#length += value.length;
  }
}

/** What the column `at` says: the gate's earliest bound, but not after its arrival nor before 1970. */
export function eventTime(entry: JournalEntry | undefined, receivedAt: Instant): number {
  return entry === undefined ? receivedAt : Math.max(0, Math.min(entry.earliest, receivedAt));
}

/** Whole numbers within ±2^53; BigInt would cost an allocation for each. */
function writeInt64(buffer: Buffer, value: number, offset: number): number {
  const high = Math.floor(value / 0x1_0000_0000);
  buffer.writeInt32BE(high, offset);
  return buffer.writeUInt32BE(value - high * 0x1_0000_0000, offset + 4);
}
