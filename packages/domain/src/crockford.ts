/** Digits and letters without I, L, O and U (Crockford's Base32): what people copy by hand. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const BITS = 5;

/** Base32 text of some bytes, without hyphens; the last character is filled up with zero bits. */
export function encodeCrockford(bytes: Uint8Array): string {
  let text = "";
  let held = 0;
  let heldBits = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    heldBits += 8;
    while (heldBits >= BITS) {
      heldBits -= BITS;
      text += ALPHABET.charAt((held >> heldBits) & 31);
    }
    held &= (1 << heldBits) - 1;
  }
  return heldBits === 0 ? text : text + ALPHABET.charAt((held << (BITS - heldBits)) & 31);
}

/**
 * The bytes of a text that a person typed: see {@link tidyCrockford}.
 *
 * @param lengthBytes how many bytes are expected
 * @returns undefined for another length, a character that is none, or fill bits that are not zero
 */
export function decodeCrockford(text: string, lengthBytes: number): Uint8Array | undefined {
  const tidy = tidyCrockford(text);
  if (tidy === undefined || tidy.length !== Math.ceil((lengthBytes * 8) / BITS)) return undefined;
  const bytes = new Uint8Array(lengthBytes);
  let held = 0;
  let heldBits = 0;
  let written = 0;
  for (const character of tidy) {
    held = (held << BITS) | ALPHABET.indexOf(character);
    heldBits += BITS;
    if (heldBits < 8) continue;
    heldBits -= 8;
    bytes[written] = held >> heldBits;
    written += 1;
    held &= (1 << heldBits) - 1;
  }
  return held === 0 ? bytes : undefined;
}

/**
 * A typed text in its one spelling: capitals, without blanks and hyphens, O as 0, I and L as 1.
 *
 * @returns undefined if a character is left that the alphabet does not have
 */
export function tidyCrockford(text: string): string | undefined {
  const tidy = text
    .normalize("NFKC")
    .toUpperCase()
    .replaceAll(/[\s\p{Pd}]/gu, "")
    .replaceAll("O", "0")
    .replaceAll(/[IL]/g, "1");
  return /^[0-9A-HJKMNP-TV-Z]*$/.test(tidy) ? tidy : undefined;
}

/** `ABCD-EFGH-…`: easier to read aloud and to compare. */
export function groupCrockford(text: string): string {
  return text.match(/.{1,4}/g)?.join("-") ?? "";
}
