import { credentialKeyOf, readOsdpFormatted, readOsdpRaw } from "@menshen/credentials";
import { primitives } from "@menshen/crypto/node";
import type { CredentialKind, Presentation } from "@menshen/domain";
import type { FormattedCard, RawCard } from "@menshen/osdp";
import type { Candidates } from "./decide-tap.ts";

/** Whether a reader checked the card before it told a number, nothing shows: it counts as a number anybody can copy. */
const CONSTANT = { readerAuthenticates: false };
/** UID lengths of ISO/IEC 14443-3, in bits. */
const UID_BITS: ReadonlySet<number> = new Set([32, 56, 80]);

/** What a number that a reader sent may stand for; `undefined` if it came damaged. */
export function readNumber(card: RawCard): Candidates | undefined {
  const format = card.format === 1 ? 1 : 0;
  const bits = { bitCount: card.bitCount, bytes: card.bits };
  const raw = readOsdpRaw(primitives, { format, bits }, CONSTANT);
  if (raw.outcome === "bad-parity") return undefined;
  if (format === 1 || !UID_BITS.has(card.bitCount)) return [raw.presentation];
  // A bare number as long as a UID: it may stand for a card enrolled by its UID, or be what is left of one that was
  // enrolled with keys, which is how a copy looks.
  const constant = (kind: CredentialKind, downgraded: boolean): Presentation => ({
    credentialKey: credentialKeyOf(primitives, kind, card.bits),
    kind: "uid",
    grade: "E",
    evidence: downgraded ? { downgraded } : {},
  });
  return [constant("uid", false), constant("desfire", true), constant("ntag424", true), raw.presentation];
}

/** Characters that a reader decoded itself. */
export function readText(card: FormattedCard): Presentation {
  return readOsdpFormatted(primitives, card, CONSTANT);
}
