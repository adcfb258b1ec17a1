// Base45 (RFC 9285): the 45 characters that a QR code packs most densely, two bytes in three of them.
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const valueOfCharacter = new Map([...ALPHABET].map((character, value) => [character, value]));

/** Base45 text of bytes (RFC 9285 §4). */
export function encodeBase45(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 2) {
    const high = bytes[i] ?? 0;
    const low = bytes[i + 1];
    text += low === undefined ? characters(high, 2) : characters(high * 256 + low, 3);
  }
  return text;
}

/**
 * The bytes of a base45 text: capitals only, no separators.
 *
 * @returns `undefined` for a character that is none, a length of 3n + 1, or a group above what its bytes can hold
 */
export function decodeBase45(text: string): Uint8Array | undefined {
  if (text.length % 3 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((text.length * 2) / 3));
  for (let i = 0, at = 0; i < text.length; i += 3) {
    const group = text.slice(i, i + 3);
    let value = 0;
    for (const character of [...group].toReversed()) {
      value = value * 45 + (valueOfCharacter.get(character) ?? Number.NaN);
    }
    const most = group.length === 3 ? 0xffff : 0xff;
    if (!(value <= most)) return undefined;
    if (group.length === 3) bytes[at++] = value >> 8;
    bytes[at++] = value & 0xff;
  }
  return bytes;
}

function characters(value: number, count: number): string {
  let text = "";
  for (let i = 0, rest = value; i < count; i += 1, rest = Math.floor(rest / 45)) text += ALPHABET[rest % 45];
  return text;
}
