import type { CardChannel, CardReading } from "@menshen/credentials";
import { concatBytes, sha256 } from "@menshen/crypto/node";

const PURPOSE = new TextEncoder().encode("menshen chip answer v1");
/** PC/SC part 3 §3.1.3.2.3.2: what a reader writes itself for a card that speaks no ISO/IEC 14443-4. */
const WRITTEN_BY_READER = Uint8Array.of(0x80, 0x4f, 0x0c, 0xa0, 0x00, 0x00, 0x03, 0x06);

/**
 * The reading with 16 bits of a hash over what the chip says before any key is used: the length of its UID and the historical
 * bytes of its ATS, or that it has none. Cards of one make share them; a copy on another make of chip does not. What a reader
 * adds of its own is left out, since another reader would add something else. Absent where the reader tells nothing.
 */
export function withFingerprint(
  reading: CardReading,
  channel: Pick<CardChannel, "atr" | "uid">,
): CardReading {
  if (reading.outcome !== "presented" || channel.atr === undefined) return reading;
  const history = historicalBytes(channel.atr);
  if (history === undefined) return reading;
  const { presentation } = reading;
  const uidLength = Uint8Array.of((channel.uid ?? presentation.identifier).length);
  const isReaders = WRITTEN_BY_READER.every((byte, place) => history[place] === byte);
  const own = isReaders ? new Uint8Array() : history;
  const [high = 0, low = 0] = sha256(concatBytes(PURPOSE, uidLength, own));
  const fingerprint = high * 256 + low;
  return {
    ...reading,
    presentation: { ...presentation, evidence: { ...presentation.evidence, fingerprint } },
  };
}

/** ISO/IEC 7816-3 §8.2: behind TS and T0 stand the interface bytes that each Y announces, then K historical bytes. */
export function historicalBytes(atr: Uint8Array): Uint8Array | undefined {
  const t0 = atr[1];
  if (t0 === undefined) return undefined;
  const count = t0 & 15;
  let announced = t0 >>> 4;
  let at = 2;
  while (announced !== 0) {
    const td = at + bitsOf(announced & 7);
    const isLast = (announced & 8) === 0;
    at = isLast ? td : td + 1;
    announced = isLast ? 0 : (atr[td] ?? 0) >>> 4;
  }
  return at + count <= atr.length ? atr.subarray(at, at + count) : undefined;
}

function bitsOf(nibble: number): number {
  return (nibble & 1) + ((nibble >>> 1) & 1) + ((nibble >>> 2) & 1);
}
