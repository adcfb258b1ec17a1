import type { Primitives } from "@menshen/crypto";
import type { CardPresentation } from "../card/card-presentation.ts";
import { presentConstant } from "../card/card-presentation.ts";
import { CredentialError } from "../credential-error.ts";

/** Bits in the order they came, first bit the most significant of the first byte; bits beyond the count are 0. */
export interface BitString {
  readonly bitCount: number;
  readonly bytes: Uint8Array;
}

/** Formats read: HID H10301 (26 bits), H10306 (34), H10304 (37 with facility). */
export type WiegandFormat = 26 | 34 | 37;

/** A card number as a Wiegand reader sends it: a constant, without proof of anything. */
export interface WiegandNumber {
  readonly format: WiegandFormat;
  /** Facility (site) code: 8 bits in 26, 16 bits in 34 and 37. */
  readonly facility: number;
  /** Card number: 16 bits in 26 and 34, 19 bits in 37. */
  readonly cardNumber: number;
}

/** What came of a bit string; both refusals are everyday line noise or foreign formats, not faults. */
export type WiegandReading =
  | { readonly outcome: "read"; readonly number: WiegandNumber }
  | { readonly outcome: "bad-parity" }
  | { readonly outcome: "unknown-format" };

interface FormatRule {
  readonly facilityBits: number;
  readonly cardBits: number;
  /** How many of the bits after the first the leading, even parity covers. */
  readonly evenSpan: number;
  /** How many of the bits before the last the trailing, odd parity covers. */
  readonly oddSpan: number;
}

const rules: Readonly<Record<WiegandFormat, FormatRule>> = {
  26: { facilityBits: 8, cardBits: 16, evenSpan: 12, oddSpan: 12 },
  34: { facilityBits: 16, cardBits: 16, evenSpan: 16, oddSpan: 16 },
  37: { facilityBits: 16, cardBits: 19, evenSpan: 18, oddSpan: 18 },
};

/**
 * Reads a Wiegand frame, both parity bits checked.
 *
 * @throws {CredentialError} `malformed` when bytes and bit count do not fit each other
 */
export function decodeWiegand(frame: BitString): WiegandReading {
  const bits = bitsOf(frame);
  const format = frame.bitCount;
  if (format !== 26 && format !== 34 && format !== 37) return { outcome: "unknown-format" };
  const rule = rules[format];
  const even = ones(bits, 0, 1 + rule.evenSpan);
  const odd = ones(bits, format - 1 - rule.oddSpan, format);
  if (even % 2 !== 0 || odd % 2 !== 1) return { outcome: "bad-parity" };
  const facility = numberAt(bits, 1, rule.facilityBits);
  const cardNumber = numberAt(bits, 1 + rule.facilityBits, rule.cardBits);
  return { outcome: "read", number: { format, facility, cardNumber } };
}

/**
 * The frame of a card number, parity bits included, as a reader sends it.
 *
 * @throws {CredentialError} `bad-argument` for numbers that do not fit their fields
 */
export function encodeWiegand({ format, facility, cardNumber }: WiegandNumber): BitString {
  const rule = rules[format];
  if (!fits(facility, rule.facilityBits) || !fits(cardNumber, rule.cardBits)) {
    throw new CredentialError(
      "bad-argument",
      `expected numbers of ${rule.facilityBits} and ${rule.cardBits} bits`,
    );
  }
  const bits = new Uint8Array(format);
  setNumber(bits, 1, rule.facilityBits, facility);
  setNumber(bits, 1 + rule.facilityBits, rule.cardBits, cardNumber);
  bits[0] = ones(bits, 1, 1 + rule.evenSpan) % 2;
  bits[format - 1] = (ones(bits, format - 1 - rule.oddSpan, format - 1) + 1) % 2;
  return bitStringOf(bits);
}

/** Identifier of a Wiegand credential: format, facility (2 bytes) and card number (4 bytes), big-endian; 7 bytes. */
export function wiegandIdentifier({ format, facility, cardNumber }: WiegandNumber): Uint8Array {
  const identifier = new Uint8Array(7);
  const view = new DataView(identifier.buffer);
  view.setUint8(0, format);
  view.setUint16(1, facility);
  view.setUint32(3, cardNumber);
  return identifier;
}

/**
 * The presentation of a Wiegand number. Grade D when the reader itself authenticated the card (its word is all there
 * is, and the wire to it carries constants), grade E when the card sent nothing but the number.
 */
export function presentWiegand(
  primitives: Pick<Primitives, "sha256">,
  number: WiegandNumber,
  readerAuthenticates: boolean,
): CardPresentation {
  const presentation = presentConstant(primitives, "wiegand", wiegandIdentifier(number));
  return readerAuthenticates ? { ...presentation, grade: "D" } : presentation;
}

/**
 * One array element per bit.
 *
 * @throws {CredentialError} `malformed` when there are too few or too many bytes, or bits set beyond the count
 */
export function bitsOf({ bitCount, bytes }: BitString): Uint8Array {
  const spareBits = bytes.length * 8 - bitCount;
  if (!Number.isInteger(bitCount) || bitCount < 1 || spareBits < 0 || spareBits > 7) {
    throw new CredentialError("malformed", `expected ${bitCount} bits in as many bytes as they need`);
  }
  if (((bytes.at(-1) ?? 0) & ((1 << spareBits) - 1)) !== 0) {
    throw new CredentialError("malformed", "expected no bits beyond the bit count");
  }
  return Uint8Array.from({ length: bitCount }, (_, i) => ((bytes[i >> 3] ?? 0) >> (7 - (i & 7))) & 1);
}

/** Packs one array element per bit. */
export function bitStringOf(bits: Uint8Array): BitString {
  const bytes = new Uint8Array(Math.ceil(bits.length / 8));
  bits.forEach((bit, i) => {
    bytes[i >> 3] = (bytes[i >> 3] ?? 0) | (bit << (7 - (i & 7)));
  });
  return { bitCount: bits.length, bytes };
}

function ones(bits: Uint8Array, from: number, to: number): number {
  return bits.subarray(from, to).reduce((count, bit) => count + bit, 0);
}

function numberAt(bits: Uint8Array, offset: number, count: number): number {
  return bits.subarray(offset, offset + count).reduce((value, bit) => value * 2 + bit, 0);
}

function setNumber(bits: Uint8Array, offset: number, count: number, value: number): void {
  for (let i = 0; i < count; i += 1) bits[offset + i] = (value >> (count - 1 - i)) & 1;
}

function fits(value: number, bitCount: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < 2 ** bitCount;
}
