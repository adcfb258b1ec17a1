import {
  concatBytes,
  type RandomBytes,
  toHex,
  type VoprfAnswer,
  type VoprfQuestion,
  voprfBlind,
  voprfFinalize,
} from "@menshen/crypto";

/** Bytes of the PRF's output that are kept: as many as make two numbers with the same tag impossible. */
const TAG_BYTES = 32;
/** What is asked is a card's number and nothing else that the same key may once be used for. */
const DOMAIN = new TextEncoder().encode("menshen/card-number/v1");

/** The shortest and the longest number of a card (ISO/IEC 14443-3; 64 bits of Wiegand and its count of bits). */
const MIN_BYTES = 4;
const MAX_BYTES = 10;

/** Whether these bytes can be a card's number. */
export function isCardNumber(number: Uint8Array): boolean {
  return number.length >= MIN_BYTES && number.length <= MAX_BYTES;
}

/**
 * What of a number is told in clear, in hexadecimal: the first 2 bytes of 4, the first 3 of more. 65,536 numbers and more
 * have the same: it names a delivery, not a card.
 *
 * @throws {RangeError} for what is no card's number
 */
export function batchPrefixOf(number: Uint8Array): string {
  demandNumber(number);
  return toHex(number.subarray(0, number.length === MIN_BYTES ? 2 : 3));
}

/**
 * Blinds a card's number for the city.
 *
 * @throws {RangeError} for what is no card's number
 */
export function askAboutNumber(number: Uint8Array, randomBytes: RandomBytes): VoprfQuestion {
  demandNumber(number);
  return voprfBlind(concatBytes(DOMAIN, Uint8Array.of(number.length), number), randomBytes);
}

/** Tags of numbers, 64 hexadecimal digits each; `undefined` when the answer was not made with this key. */
export function tagsOf(
  evaluationKey: Uint8Array,
  questions: readonly VoprfQuestion[],
  answer: VoprfAnswer,
): readonly string[] | undefined {
  return voprfFinalize(evaluationKey, questions, answer)?.map((output) =>
    toHex(output.subarray(0, TAG_BYTES)),
  );
}

function demandNumber(number: Uint8Array): void {
  if (!isCardNumber(number)) {
    throw new RangeError(`expected a number of ${MIN_BYTES} to ${MAX_BYTES} bytes, got ${number.length}`);
  }
}
