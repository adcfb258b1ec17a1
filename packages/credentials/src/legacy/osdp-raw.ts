import type { Primitives } from "@menshen/crypto";
import { concatBytes } from "@menshen/crypto";
import type { CardPresentation } from "../card/card-presentation.ts";
import { presentConstant } from "../card/card-presentation.ts";
import { CredentialError } from "../credential-error.ts";
import type { BitString } from "./wiegand.ts";
import { bitsOf, decodeWiegand, presentWiegand } from "./wiegand.ts";

/** Longest bit string taken: more than any card format, and what one identifier may hold. */
const MAX_BITS = 496;

/** Format code of an osdp_RAW reply (IEC 60839-11-5 §7.10): 0 not told, 1 bits with leading and trailing parity. */
export type OsdpRawFormat = 0 | 1;

/** What came of an osdp_RAW reply. */
export type OsdpRawReading =
  | { readonly outcome: "presented"; readonly presentation: CardPresentation }
  | { readonly outcome: "bad-parity" };

/**
 * The presentation of what a reader reported as raw bits. A constant, whatever the card was: grade E, or D when the
 * reader itself authenticated the card and all that is left is to believe it.
 *
 * Lengths of the Wiegand formats with format code 1 become kind `wiegand`, so that a card enrolled at a Wiegand reader
 * is known at an OSDP reader too; everything else stays kind `osdp-raw`.
 *
 * @param options.readerAuthenticates whether the reader holds card keys and checks them, by its configuration
 * @throws {CredentialError} `malformed` when bytes and bit count do not fit each other, or beyond 496 bits
 */
export function readOsdpRaw(
  primitives: Pick<Primitives, "sha256">,
  reply: { readonly format: OsdpRawFormat; readonly bits: BitString },
  options: { readonly readerAuthenticates: boolean },
): OsdpRawReading {
  const { readerAuthenticates } = options;
  const identifier = osdpRawIdentifier(reply.bits);
  if (reply.format === 1) {
    const reading = decodeWiegand(reply.bits);
    if (reading.outcome === "bad-parity") return { outcome: "bad-parity" };
    if (reading.outcome === "read") {
      const presentation = presentWiegand(primitives, reading.number, readerAuthenticates);
      return { outcome: "presented", presentation };
    }
  }
  const presentation = presentConstant(primitives, "osdp-raw", identifier);
  return {
    outcome: "presented",
    presentation: readerAuthenticates ? { ...presentation, grade: "D" } : presentation,
  };
}

/**
 * The presentation of what a reader decoded itself and reported as characters (osdp_FMT, IEC 60839-11-5 §7.11). As raw
 * bits it is a constant: grade E, or D when the reader itself authenticated the card. Kind `osdp-raw`, its bits those of
 * the characters in the order they stand on the card.
 *
 * @param reply.direction 1 when the reader read the card backwards
 * @throws {CredentialError} `malformed` for no characters or more than 62
 */
export function readOsdpFormatted(
  primitives: Pick<Primitives, "sha256">,
  reply: { readonly direction: number; readonly characters: Uint8Array },
  options: { readonly readerAuthenticates: boolean },
): CardPresentation {
  const bytes = reply.direction === 1 ? reply.characters.toReversed() : reply.characters;
  const identifier = osdpRawIdentifier({ bitCount: bytes.length * 8, bytes });
  const presentation = presentConstant(primitives, "osdp-raw", identifier);
  return options.readerAuthenticates ? { ...presentation, grade: "D" } : presentation;
}

/**
 * Identifier of raw bits: the bit count (2 bytes, big-endian) and the bits, so that strings of different lengths never
 * collide.
 *
 * @throws {CredentialError} `malformed` as {@link readOsdpRaw}
 */
export function osdpRawIdentifier(bits: BitString): Uint8Array {
  if (bits.bitCount > MAX_BITS) {
    throw new CredentialError("malformed", `expected at most ${MAX_BITS} bits, got ${bits.bitCount}`);
  }
  bitsOf(bits);
  return concatBytes(Uint8Array.of(bits.bitCount >> 8, bits.bitCount & 0xff), bits.bytes);
}
