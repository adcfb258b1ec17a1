import { fromHex, RistrettoElement, RistrettoScalar, randomBytes, toHex } from "@menshen/crypto/node";
import { type EpochKey, parseSealedEntry } from "@menshen/custody";
import { decodeJournalEntry, encodeJournalEntry } from "@menshen/wire";

/** Places in an encoded sealed entry (docs/protocol/custody.md): label, then c, u, ū, e, f of 32 bytes each. */
const LABEL = { start: 25, end: 73 };
const U = 105;
const U_BAR = 137;
const RESPONSE = 201;

/** The sealed identity of a journal entry, in hexadecimal as the entry is. */
export function sealedOf(entry: string): Uint8Array {
  const decoded = decodeJournalEntry(fromHex(entry));
  if (decoded.kind !== "access" || decoded.body.sealed === undefined)
    throw new Error("nothing is sealed in it");
  return decoded.body.sealed;
}

/** A journal entry with another sealed identity in it. */
export function withSealed(entry: string, sealed: Uint8Array): string {
  const decoded = decodeJournalEntry(fromHex(entry));
  if (decoded.kind !== "access") throw new Error("no access entry");
  return toHex(encodeJournalEntry({ ...decoded, body: { ...decoded.body, sealed } }));
}

/** What one entry seals, under the label of another: all that a server can do without the custodians. */
export function relabel(sealed: Uint8Array, under: Uint8Array): Uint8Array<ArrayBuffer> {
  const forged = new Uint8Array(sealed);
  forged.set(under.subarray(LABEL.start, LABEL.end), LABEL.start);
  return forged;
}

/**
 * The same text under other random numbers: u·gˢ and ū·ḡˢ, and the proof's response moved by e·s, so that its two
 * equations hold for them again and only its challenge does not.
 */
export function rerandomise(sealed: Uint8Array, key: EpochKey): Uint8Array<ArrayBuffer> {
  const { u, uBar, proof } = parseSealedEntry(sealed);
  const shift = RistrettoScalar.random(randomBytes);
  const forged = new Uint8Array(sealed);
  forged.set(u.plus(RistrettoElement.base.times(shift)).toBytes(), U);
  forged.set(uBar.plus(key.secondGenerator.times(shift)).toBytes(), U_BAR);
  forged.set(proof.response.plus(proof.challenge.times(shift)).toBytes(), RESPONSE);
  return forged;
}
