import type { RandomBytes } from "@menshen/crypto";
import type { EpochKey } from "./epoch-key.ts";
import { encodePartial, type PartialDecryption, parsePartial } from "./opening.ts";
import { isSameLabel, type SealedEntry, sealEntry, verifySealedEntry } from "./sealed-entry.ts";

/**
 * Seals a custodian's answer again, to the epoch in which a hold ends, instead of giving it: then k custodians of that
 * epoch can open the entry although its own shares are gone, and fewer still cannot. The label stays the entry's.
 *
 * @param key of the epoch in which the hold ends
 * @param random the operating system's generator
 * @returns a sealed entry, 428 bytes
 */
export function sealPartial(input: {
  readonly key: EpochKey;
  readonly entry: SealedEntry;
  readonly partial: PartialDecryption;
  readonly random: RandomBytes;
}): Uint8Array<ArrayBuffer> {
  const { key, entry, partial, random } = input;
  return sealEntry({ key, label: entry.label, plaintext: encodePartial(partial), random });
}

/**
 * Whether a sealed answer is one for this entry under this key: all that can be seen before it is opened. Whether a good
 * answer is inside shows only then, which is why all custodians are asked to hold and not only k.
 */
export function isSealedPartial(key: EpochKey, entry: SealedEntry, held: SealedEntry): boolean {
  return isSameLabel(held.label, entry.label) && verifySealedEntry(key, held);
}

/**
 * The answer that a hold kept, from the opened text of its sealed form.
 *
 * @throws {CustodyError} `malformed`, `too-large`, `unknown-version`: the custodian sealed something else
 */
export function parseHeldPartial(text: Uint8Array): PartialDecryption {
  return parsePartial(text);
}
