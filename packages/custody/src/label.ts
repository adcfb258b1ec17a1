import { concatBytes } from "@menshen/crypto";
import { type ByteReader, unsigned } from "./bytes.ts";
import { CustodyError } from "./errors.ts";

const ID_BYTES = 16;

/** Names the one journal entry to which a ciphertext belongs. It travels in clear and cannot be exchanged. */
export interface EntryLabel {
  /** UUID of the gate, 16 bytes. */
  readonly gate: Uint8Array;
  /** The entry's number in the gate's journal. */
  readonly sequence: number;
  /** UUID of the access point, 16 bytes. */
  readonly accessPoint: Uint8Array;
  /** Unix milliseconds. */
  readonly timeMs: number;
}

/**
 * The one encoding of a label, 48 bytes: gate (16), sequence (8), access point (16), time (8), big-endian.
 *
 * @throws {CustodyError} `invalid-argument`
 */
export function encodeLabel(label: EntryLabel): Uint8Array<ArrayBuffer> {
  if (label.gate.length !== ID_BYTES || label.accessPoint.length !== ID_BYTES) {
    throw new CustodyError("invalid-argument", `expected identifiers of ${ID_BYTES} bytes`);
  }
  return concatBytes(label.gate, unsigned(label.sequence, 8), label.accessPoint, unsigned(label.timeMs, 8));
}

/** Reads what {@link encodeLabel} wrote. */
export function readLabel(reader: ByteReader): EntryLabel {
  return {
    gate: reader.take(ID_BYTES),
    sequence: reader.unsigned(8),
    accessPoint: reader.take(ID_BYTES),
    timeMs: reader.unsigned(8),
  };
}
